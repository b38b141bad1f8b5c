import { Command, Option } from "commander";
import { openCatalog } from "../../catalog/catalog.ts";
import { EXPORTS, exportRows } from "../../catalog/export-rows.ts";
import type { ExportFormat } from "../../catalog/export-rows.ts";
import { readRaw } from "../../catalog/raw-record.ts";
import { workspaceKey } from "../../ingest/key.ts";
import { loadConfig } from "../../store/config.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { printable } from "../../errors/printable.ts";
import { readOverview } from "../../report/overview/read-overview.ts";
import type { Context } from "../context.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import { printOverview } from "../print-overview.ts";
import { columnsThatFit, rowLines, terminalWidth } from "../print-rows.ts";
import type { Row } from "../print-rows.ts";
import { wholeNumber } from "../whole-number.ts";

interface Options {
  readonly where?: string;
  readonly limit?: number;
  readonly sql?: string;
  readonly out?: string;
  readonly format?: ExportFormat;
}

export function command(): Command {
  const logs = browse();
  logs
    .command("raw")
    .description(
      "The record that an interaction came from, as it came; needs --keep-raw and the workspace key.",
    )
    .argument("<interaction>", "the interaction's id")
    .action(
      withContext(async ({ project, out, effects }, interaction: string) => {
        const { bytes } = await workspaceKey(await loadConfig(project, effects), effects);
        const catalog = await openCatalog(project, effects);
        try {
          const raw = await readRaw({ project, catalog, interaction, workspace: bytes }, effects);
          out.line(printable(raw.toString("utf8")));
          out.result({ interaction, raw: raw.toString("utf8") });
        } finally {
          catalog.close();
        }
        return 0;
      }),
    );
  logs
    .command("overview")
    .description("Volume, cost, latency, quality and feedback at a glance; groups of five people or more.")
    .action(
      withContext(async ({ project, out, effects }) => {
        const overview = await readOverview(project, effects);
        printOverview(overview, out, terminalWidth());
        out.result(overview);
        return 0;
      }),
    );
  return logs;
}

function browse(): Command {
  return new Command("logs")
    .description("Browse and query the stored interactions.")
    .option("--where <sql>", "a condition on the columns of interactions")
    .option("--limit <n>", "at most so many rows (default: 20, to a file all)", wholeNumber)
    .option(
      "--sql <select>",
      "a whole SELECT over interactions, feedback, trajectories, imports, quarantine, …",
    )
    .option("--out <file>", "write all rows (or --limit many) to a file instead")
    .addOption(
      new Option("--format <format>", "of that file (default: as its name ends)").choices([...EXPORTS]),
    )
    .action(
      withContext(async (context, options: Options) => {
        const { project, out, effects } = context;
        const { limit = 20 } = options;
        if (options.out !== undefined) return writeRows(context, options.out, options);
        const catalog = await openCatalog(project, effects);
        try {
          const rows = await catalog.rows<Row>(queryOf(options), { limit }).catch(asUsage);
          for (const line of rowLines(
            options.sql === undefined ? narrowed(rows, out) : rows,
            terminalWidth(),
          ))
            out.line(line);
          if (!out.json)
            out.note(
              out.paint.dim(
                `${rows.length} ${rows.length === 1 ? "row" : "rows"}${rows.length === limit ? " (--limit)" : ""}`,
              ),
            );
          out.result(rows);
        } finally {
          catalog.close();
        }
        return 0;
      }),
    );
}

async function writeRows({ project, out, effects }: Context, file: string, options: Options): Promise<0> {
  const format = options.format ?? EXPORTS.find((name) => file.endsWith(`.${name}`));
  if (format === undefined)
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: "--out",
      what: `the name ${JSON.stringify(file)} does not say what to write`,
      fix: `add --format ${EXPORTS.join(" or ")}`,
    });
  const { sql, where, limit } = options;
  const condition = where === undefined ? "" : ` where (${where}\n)`;
  const rows = sql?.replace(/;\s*$/, "") ?? `select * from interactions${condition} order by row_key`;
  const select =
    limit !== undefined ? `select * from (${rows}\n) limit ${limit}` : `select * from (${rows}\n)`;
  const written = await exportRows(project, { select, format, out: file }, effects).catch(
    (error: unknown) => {
      if (error instanceof WorkbenchError || (error as NodeJS.ErrnoException).code !== undefined) throw error;
      return asUsage(error);
    },
  );
  out.line(`${file}  ${written} rows as ${format}`);
  out.result({ file, format, rows: written });
  return 0;
}

// The person at the terminal writes this SQL; the database is read-only and can reach nothing else.
function queryOf({ where, sql }: Options): string {
  if (sql !== undefined) return `select * from (${sql.replace(/;\s*$/, "")}\n) limit $limit`;
  return `
    select
      interaction_id, coalesce(started_at, ended_at) as started, agent, model_served as model, task_type, status,
      task_completed as done, len(messages) as turns, input_tokens, output_tokens, len(feedback) as feedback,
      output[1].content as answer
    from interactions
    ${where === undefined ? "" : `where (${where}\n)`}
    order by started desc nulls last, row_key
    limit $limit`;
}

/** What the terminal has room for; the rest is named, and is in --json. */
function narrowed(rows: readonly Row[], out: Context["out"]): readonly Row[] {
  const kept = columnsThatFit(rows, terminalWidth());
  const left = Object.keys(rows[0] ?? {}).filter((name) => !kept.includes(name));
  if (left.length > 0 && !out.json) out.note(out.paint.dim(`no room for ${left.join(", ")}: see --json`));
  return rows.map((row) => Object.fromEntries(kept.map((name) => [name, row[name]])));
}

// DuckDB names what it knows that is spelt much like it.
const LIKE = /^(?:Candidate bindings: |Did you mean )(.+?)\??$/m;

function asUsage(error: unknown): never {
  const text = error instanceof Error ? error.message : String(error);
  const [what = ""] = text.replace(/^Failed to extract statements: /, "").split("\n");
  const like = LIKE.exec(text)?.[1]?.replaceAll('"', "");
  throw new WorkbenchError({
    code: "WB_USAGE",
    where: "the query",
    what,
    why: like === undefined ? "DuckDB refused it" : `there is: ${like}`,
    fix: "see the columns with: workbench logs --sql 'describe interactions' --limit 100",
    cause: error,
  });
}

export const EXAMPLES: readonly Example[] = [
  ["workbench logs --where \"agent = 'router'\" --out router.parquet"],
  ["workbench logs --where \"task_type = 'airline' and not task_completed\" --limit 5"],
  [
    'workbench logs --sql "select model_served, count(*) as n, avg(latency_ms) from interactions group by all"',
  ],
  ['workbench logs --sql "select kind, sum(value) from feedback where late group by kind" --json'],
  ["workbench logs overview", "the store at a glance, as on the report site"],
  ["workbench logs raw 3f9a12c4e5d60718293a4b5c6d7e8f90"],
];
