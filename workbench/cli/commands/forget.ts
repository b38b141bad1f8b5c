import { Command } from "commander";
import { printable } from "../../errors/printable.ts";
import { forget } from "../../flow/erase/forget.ts";
import type { ForgetReport } from "../../flow/erase/forget.ts";
import { loadConfig } from "../../store/config.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import type { Output } from "../output.ts";

export function command(): Command {
  return new Command("forget")
    .description("Erase a person: rows, quarantined and raw texts, dataset versions, caches, runs and pages.")
    .argument("<user>", "the user's id as the logs have it, or its pseudonym")
    .option("--yes", "do it; without this the command only shows what would go")
    .action(
      withContext(async ({ project, out, effects }, user: string, options: { readonly yes?: boolean }) => {
        const config = await loadConfig(project, effects);
        const report = await forget({ project, config, user, yes: options.yes ?? false }, effects);
        print(report, user, out);
        out.result(report);
        return (report.left ?? []).length > 0 ? 6 : 0;
      }),
    );
}

function print(report: ForgetReport, user: string, out: Output): void {
  const { done, rows, segments, datasets, runs, caches, pages, foreign, left, raw } = report;
  const changed = segments.reduce((sum, segment) => sum + segment.changed, 0);
  const quarantined = segments.reduce((sum, segment) => sum + segment.quarantined, 0);
  out.line(out.paint.bold(done ? "Erased" : "Would be erased"));
  const counted = [`${rows} rows`, `${quarantined} quarantined texts`, `${raw} raw texts`];
  out.line(`  ${counted.join(", ")}; imports touched: ${segments.length}`);
  if (rows === 0)
    out.note("no row of this person is stored: check the id, and that the key is the project's");
  if (changed > 0) out.line(`  the name in ${changed} rows of others`);
  list("dataset version, files deleted", datasets, out);
  list("run, lines taken out or marked", runs, out);
  list("cache, lines taken out", caches, out);
  if (pages.length > 0) out.line(`  ${pages.length} files of built pages`);
  if (foreign.length > 0) {
    out.line(out.paint.yellow("Not written by the workbench, and not touched:"));
    list("", foreign, out);
  }
  if (left === null) {
    out.line(`Nothing was changed. Do it with: workbench forget ${shellWord(user)} --yes`);
    return;
  }
  for (const ref of datasets)
    out.line(`  build a version without them: workbench curate ${ref.split("@")[0] ?? ""}`);
  if (left.length === 0) out.line(`${out.paint.green("✓")} every file searched: no trace is left`);
  else out.line(`${out.paint.red("✕")} ${left.length} files still hold something: ${left.map(printable).join(", ")}`); // prettier-ignore
}

function list(what: string, names: readonly string[], out: Output): void {
  for (const name of names) out.line(`  ${printable(name)}${what === "" ? "" : `  ${out.paint.dim(what)}`}`);
}

const shellWord = (text: string): string => `'${printable(text).replaceAll("'", "'\\''")}'`;

export const EXAMPLES: readonly Example[] = [
  ["workbench forget mia.li-3668", "show what would go"],
  ["workbench forget mia.li-3668 --yes"],
  ["workbench forget '[USER:k3fxqa7m2x]' --yes"],
];

export const NOTES = `
Runs again after a kill and finishes. Models that learnt from the person's rows are marked: the registry shows
it, and promotion asks for an override with a reason. Exit 6 when files of your own still hold something.
Not reached: source logs outside the project, copies, and git's history. See docs/privacy.md.`;
