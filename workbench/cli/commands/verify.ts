import { Command } from "commander";
import { verifyDecision } from "../../decide/verify.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";

export function command(): Command {
  return new Command("verify").argument("[decision]", "a decision's run id or path", "latest").action(
    withContext(async ({ project, out, effects }, decision: string) => {
      const verified = await verifyDecision(project, decision, effects);
      out.line(
        `${out.paint.green("✓")} ${verified.verdict}: ${verified.evidence.length} evidence files hash as recorded, all ${verified.effects} effects computed again, bit-equal`,
      );
      if (!verified.logged) out.note("the registry log has no row for this record");
      out.line(out.paint.dim(`  record ${verified.record}`));
      out.result(verified);
      return 0;
    }),
  );
}

export const EXAMPLES: readonly Example[] = [
  ["workbench verify", "the latest decision"],
  ["workbench verify 2b19c0d8a4f1"],
  ["workbench verify runs/2b19c0d8a4f1"],
];

export const NOTES = `
Hashes every evidence file again, computes the whole record again from them and compares the bytes.
Exit code 6 names the first thing that differs.`;
