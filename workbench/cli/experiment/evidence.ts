import type { Command } from "commander";
import { ingestExposures } from "../../decide/online/exposures.ts";
import { printable } from "../../errors/printable.ts";
import { workspaceKey } from "../../ingest/key.ts";
import { loadConfig } from "../../store/config.ts";
import { withContext } from "../context.ts";

/** `ingest`: who met which arm. */
export function addEvidence(experiment: Command): void {
  experiment
    .command("ingest")
    .argument("<files...>", "exposure logs, one JSON object a line (docs/experiments.md)")
    .description("read exposure logs; every line is stored, blank or in quarantine with its reason")
    .action(
      withContext(async ({ project, out, effects }, sources: readonly string[]) => {
        const key = await workspaceKey(await loadConfig(project, effects), effects);
        const manifests = await ingestExposures({ project, sources, key }, effects);
        for (const { source, counts, id } of manifests) {
          out.line(
            `${out.paint.green("✓")} ${printable(source.name)}  ${counts.stored} exposures, ${counts.quarantined} in quarantine, ${counts.blank} blank lines`,
          );
          if (counts.quarantined > 0)
            out.line(out.paint.dim(`  why: .workbench/exposures/${id}/quarantine.jsonl`));
        }
        out.result(manifests);
        return 0;
      }),
    );
}
