import { Command, Option } from "commander";
import type { DatasetReport } from "../../curate/curate.ts";
import { curate } from "../../curate/curate.ts";
import { rebuild } from "../../curate/rebuild.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import { Instant } from "../../schema/names.ts";
import type { Context } from "../context.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import type { Output } from "../output.ts";

interface Options {
  readonly asOf?: string;
  readonly fromManifest?: string;
}

export function command(): Command {
  return new Command("curate")
    .description("Build a dataset version from stored interactions, as datasets/<name>.dataset.yaml says.")
    .argument("[definition]", "a dataset's name, or the path of its definition")
    .addOption(
      new Option("--as-of <instant>", "leave out what was logged or said later").conflicts("fromManifest"),
    )
    .option("--from-manifest <folder>", "build a version again from its manifest: the same bytes, or exit 6")
    .action(withContext(act));
}

async function act(
  { project, out, effects }: Context,
  definition: string | undefined,
  options: Options,
): Promise<undefined> {
  if ((definition === undefined) === (options.fromManifest === undefined))
    throw new WorkbenchError({
      code: "WB_USAGE",
      what: "name a definition, or a manifest with --from-manifest, and not both",
      fix: "workbench curate routing-sft",
    });
  // With its zone: a local time would be another instant, and so another dataset, elsewhere.
  if (options.asOf !== undefined && !Instant.safeParse(options.asOf).success)
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: "--as-of",
      what: `${quoted(options.asOf)} is no instant with its zone`,
      fix: "write it as 2026-03-01T00:00:00Z",
    });
  const report =
    options.fromManifest === undefined
      ? await curate({ project, definition: definition ?? "", asOf: options.asOf }, effects)
      : await rebuild({ project, from: options.fromManifest }, effects);
  out.result(report);
  print(report, out);
  return undefined;
}

function print(report: DatasetReport, out: Output): void {
  const { paint } = out;
  const { train, val, test } = report.splits;
  const state = report.reused ? paint.dim("built before, nothing changed") : paint.green("built");
  out.line(`${paint.bold(report.ref)}  ${state}`);
  out.line(
    `  ${report.rows} ${report.kind === "sft" ? "examples" : "pairs"}: ${train} train, ${val} val, ${test} test`,
  );
  for (const step of report.funnel) {
    const removed = Object.entries(step.removed).map(([rule, count]) => `${rule} ${count}`);
    out.line(
      `  ${step.step.padEnd(16)} ${String(step.in).padStart(7)} → ${String(step.out).padStart(7)}  ${paint.dim(removed.join(", "))}`,
    );
  }
  for (const warning of report.warnings) out.note(`  ${paint.yellow("warning")} ${warning}`);
  out.line(`  ${report.folder}/card.md`);
}

export const EXAMPLES: readonly Example[] = [
  ["workbench curate routing-sft", "build it, or find it built already"],
  ["workbench curate routing-sft --as-of 2026-03-01T00:00:00Z"],
  ["workbench curate --from-manifest datasets/routing-sft@4c1d9a0b2e3f"],
  ["workbench dataset show routing-sft", "what is in it, and what was removed"],
  ["workbench dataset diff routing-sft@4c1d routing-sft@latest"],
];
