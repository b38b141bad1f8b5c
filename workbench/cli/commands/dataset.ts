import { Command, Option } from "commander";
import { join } from "node:path";
import { diffVersions } from "../../curate/diff.ts";
import { FORMATS, exportVersion } from "../../curate/export.ts";
import { listVersions, resolveVersion } from "../../curate/versions.ts";
import type { Context } from "../context.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";

export function command(): Command {
  const dataset = new Command("dataset").description("Look at the dataset versions that curate built.");
  dataset
    .command("list")
    .description("Every version, by name, oldest first.")
    .argument("[name]", "only this dataset")
    .action(withContext(list));
  dataset
    .command("show")
    .description("The card of one version.")
    .argument("<version>", "name@digest, name@latest, or a name (its latest)")
    .action(withContext(show));
  dataset
    .command("diff")
    .description("What changed from one version to another, and which rule explains it.")
    .argument("<a>", "the version before, named as for show")
    .argument("<b>", "the version after")
    .action(withContext(diff));
  dataset
    .command("export")
    .description("Write a version in another tool's format.")
    .argument("<version>", "name@digest, name@latest, or a name (its latest)")
    .addOption(new Option("--as <format>", "the format").choices(Object.keys(FORMATS)).makeOptionMandatory())
    .requiredOption("--to <folder>", "a new folder inside the project")
    .action(withContext(exportTo));
  return dataset;
}

async function list({ project, out, effects }: Context, name: string | undefined): Promise<undefined> {
  const versions = await listVersions(project, name, effects);
  out.result(
    versions.map(({ ref, manifest }) => ({
      ref,
      kind: manifest.kind,
      splits: manifest.splits,
      at: manifest.clock.at,
      digest: manifest.digest,
    })),
  );
  if (versions.length === 0) out.note("no dataset version yet: `workbench curate <name>` builds one");
  for (const { ref, manifest } of versions) {
    const { train, val, test } = manifest.splits;
    out.line(`${ref.padEnd(40)} ${manifest.kind.padEnd(10)} ${train}/${val}/${test}  ${manifest.clock.at}`);
  }
  return undefined;
}

async function show({ project, out, effects }: Context, ref: string): Promise<undefined> {
  const { folder, manifest } = await resolveVersion(project, ref, effects);
  out.result(manifest);
  out.line(
    Buffer.from(await effects.read(join(folder, "card.md")))
      .toString("utf8")
      .trimEnd(),
  );
  return undefined;
}

async function diff({ project, out, effects }: Context, a: string, b: string): Promise<undefined> {
  const found = await diffVersions(project, { a, b }, effects);
  out.result(found);
  out.line(`${found.a} → ${found.b}`);
  out.line(`  rows ${found.rows.a} → ${found.rows.b}: ${found.added} added, ${found.removed} removed`);
  out.line(
    `  of those in both: ${found.same} same, ${found.changed} changed, ${found.moved} on another side`,
  );
  for (const [reason, count] of Object.entries(found.because)) out.line(`  removed by ${reason}: ${count}`);
  if (found.definition.length > 0) out.line(`  the definitions differ in ${found.definition.join(", ")}`);
  return undefined;
}

async function exportTo(
  { project, out, effects }: Context,
  ref: string,
  options: { readonly as: string; readonly to: string },
): Promise<undefined> {
  const report = await exportVersion({ project, ref, ...options }, effects);
  out.result(report);
  for (const { path, rows } of report.files) out.line(`${path}  ${rows} rows`);
  if (report.refused > 0) out.note(`${report.refused} rows have tool calls, which ${options.as} cannot hold`);
  return undefined;
}

export const EXAMPLES: readonly Example[] = [
  ["workbench dataset list"],
  ["workbench dataset show routing-sft"],
  ["workbench dataset diff routing-sft@4c1d routing-sft@latest --json"],
  ["workbench dataset export routing-sft --as openai --to exports/openai"],
];
