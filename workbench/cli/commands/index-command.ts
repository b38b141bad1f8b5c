import { Command } from "commander";
import { indexProject } from "../../catalog/index-project.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";

export function command(): Command {
  return new Command("index")
    .description("Bring the catalog up to date: DuckDB views and tables over all files of the project.")
    .option("--rebuild", "build it anew even when it is up to date, and the packs of small imports, too")
    .action(
      withContext(async ({ project, out, effects }, options: { rebuild?: boolean }) => {
        const report = await indexProject(project, options, effects);
        const packed = report.packed > 0 ? `, ${report.packed} of them read from packs` : "";
        out.line(
          `${report.outcome === "built" ? "built" : "up to date"}: ${report.imports} imports${packed}`,
        );
        for (const [table, rows] of Object.entries(report.tables)) out.line(`  ${table.padEnd(12)} ${rows}`);
        out.result(report);
        return 0;
      }),
    );
}

export const EXAMPLES: readonly Example[] = [["workbench index"], ["workbench index --rebuild"]];

export const NOTES = `
The catalog (.workbench/catalog.duckdb) is a cache: deleting it loses nothing. Any DuckDB client may
open it; its tables and views are interactions, feedback, trajectories, imports, quarantine, datasets,
runs, samples and decisions. Where 32 small imports have come, their rows are packed into one file for
queries to read (.workbench/packs), which is a cache, too.`;
