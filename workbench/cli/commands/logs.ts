import { Command, Option } from "commander";
import { openCatalog } from "../../catalog/catalog.ts";
import { EXPORTS, exportRows } from "../../catalog/export-rows.ts";
import type { ExportFormat } from "../../catalog/export-rows.ts";
import { readRaw } from "../../catalog/raw-record.ts";
import { workspaceKey } from "../../ingest/key.ts";
import { loadConfig } from "../../store/config.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { printable } from "../../errors/printable.ts";
import type { Context } from "../context.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import { wholeNumber } from "../whole-number.ts";

interface Options {
  readonly where?: string;
  readonly limit?: number;
  readonly sql?: string;
  readonly out?: string;
  readonly format?: ExportFormat;
}

type Row = Readonly<Record<string, unknown>>;

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
          // Piped, a row is whole: whoever reads it may look for its end.
          for (const line of table(rows, process.stdout.isTTY ? process.stdout.columns : Infinity))
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

function asUsage(error: unknown): never {
  throw new WorkbenchError({
    code: "WB_USAGE",
    where: "the query",
    what: (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "",
    why: "DuckDB refused it",
    fix: "see the columns with: workbench logs --sql 'describe interactions' --limit 100",
    cause: error,
  });
}

/** Columns as wide as they need to be, the last one cut at the terminal's edge; control characters escaped. */
function table(rows: readonly Row[], width: number): readonly string[] {
  const names = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => names.map((name) => cell(row[name])));
  const widths = names.map((name, n) =>
    Math.min(
      32,
      cells.reduce((most, row) => Math.max(most, row[n]?.length ?? 0), name.length),
    ),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, n) => (n === row.length - 1 ? text : cut(text, widths[n] ?? 0).padEnd(widths[n] ?? 0)))
      .join("  ")
      .slice(0, width);
  return names.length === 0 ? [] : [line(names), ...cells.map(line)];
}

const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text;

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return printable(typeof value === "string" ? value : JSON.stringify(value)).replace(/[\n\t]/g, " ");
}

export const EXAMPLES: readonly Example[] = [
  ["workbench logs --where \"agent = 'router'\" --out router.parquet"],
  ["workbench logs --where \"task_type = 'airline' and not task_completed\" --limit 5"],
  [
    'workbench logs --sql "select model_served, count(*) as n, avg(latency_ms) from interactions group by all"',
  ],
  ['workbench logs --sql "select kind, sum(value) from feedback where late group by kind" --json'],
  ["workbench logs raw 3f9a12c4e5d60718293a4b5c6d7e8f90"],
];
