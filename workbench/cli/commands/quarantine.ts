import { Command } from "commander";
import { relative } from "node:path";
import { openCatalog } from "../../catalog/catalog.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { printable, quoted } from "../../errors/printable.ts";
import { retry } from "../../ingest/retry.ts";
import { loadConfig } from "../../store/config.ts";
import type { Context } from "../context.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import { wholeNumber } from "../whole-number.ts";

interface Listed {
  readonly import_id: string;
  readonly label: string;
  readonly reason: string;
  readonly records: number;
  readonly lines: readonly number[];
}

interface Shown {
  readonly import_id: string;
  readonly label: string;
  readonly line: number;
  readonly byte_offset: number;
  readonly byte_length: number;
  readonly sha256: string;
  readonly reason: string;
  readonly detail: string;
  readonly text: string;
}

export function command(): Command {
  const quarantine = new Command("quarantine").description(
    "See the records that could not be stored, and why; read them again.",
  );
  quarantine
    .command("list")
    .description("Counts by import and reason, with the first lines.")
    .action(withContext(async (context) => within(context, list)));
  quarantine
    .command("show")
    .description("The records of one import: place, reason and redacted text.")
    .argument("<import>", "the import's id, its first digits, or its label")
    .option("--line <n>", "only this line of the source", wholeNumber)
    .action(
      withContext(async (context, id: string, options: { line?: number }) =>
        within(context, (catalog, inner) => show(catalog, inner, { id, line: options.line })),
      ),
    );
  quarantine
    .command("retry")
    .description("Read the quarantined records of a file again, after a mapping or an importer was mended.")
    .argument("<file...>", "the files that the records came from, as they were or longer")
    .option("--import <id>", "only this import: its id, its first digits, or its label")
    .option("--map <file>", "the mapping file, as it is now")
    .option("--format <name>", "read them as this format (default: as before)")
    .action(
      withContext(async (context, files: readonly string[], options: RetryOptions) =>
        again(context, files, options),
      ),
    );
  return quarantine;
}

interface RetryOptions {
  readonly import?: string;
  readonly map?: string;
  readonly format?: string;
}

async function again(
  { project, out, effects }: Context,
  files: readonly string[],
  { import: named, map, format }: RetryOptions,
): Promise<0> {
  const reports = await retry(
    {
      files,
      request: {
        project,
        config: await loadConfig(project, effects),
        ...(map === undefined ? {} : { mapping: map }),
        ...(format === undefined ? {} : { format }),
      },
      ...(named === undefined ? {} : { import: named }),
    },
    effects,
  );
  for (const { source, outcome, counts, reasons } of reports.flatMap(({ sources }) => sources)) {
    const sum = `${counts.read} read again = ${counts.stored} stored + ${counts.known} known + ${counts.quarantined} quarantined`;
    const left = Object.entries(reasons).map(([reason, records]) => `${reason} ${records}`);
    const said = outcome === "unchanged" ? "nothing has changed since they were read" : sum;
    out.line(
      `${out.paint.bold(relative(process.cwd(), source))}  ${said}${left.length > 0 ? `: ${left.join(", ")}` : ""}`,
    );
  }
  out.result(reports);
  return 0;
}

async function within(
  context: Context,
  act: (catalog: Catalog, context: Context) => Promise<void>,
): Promise<0> {
  const catalog = await openCatalog(context.project, context.effects);
  try {
    await act(catalog, context);
  } finally {
    catalog.close();
  }
  return 0;
}

async function list(catalog: Catalog, { out }: Context): Promise<void> {
  const rows = await catalog.rows<Listed>(`
    select import_id, label, reason, count(*)::integer as records, list(line::integer order by line)[1:5] as lines
    from quarantine group by all order by import_id, records desc, reason`);
  for (const { import_id, label, reason, records, lines } of rows)
    out.line(
      `${import_id.slice(0, 12)}  ${printable(label)}  ${reason}  ${records}  (line ${lines.join(", ")}${records > 5 ? ", …" : ""})`,
    );
  if (rows.length === 0) out.note("nothing is in quarantine");
  out.result(rows);
}

async function show(
  catalog: Catalog,
  { out }: Context,
  { id, line }: { readonly id: string; readonly line: number | undefined },
): Promise<void> {
  const rows = await catalog.rows<Shown>(
    `select * from quarantine where (starts_with(import_id, $id) or label = $id) and ($line::bigint is null or line = $line::bigint)
     order by import_id, byte_offset, part`,
    { id, line: line ?? null },
  );
  if (rows.length === 0)
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: id,
      what: `no quarantined record of an import or label ${quoted(id)}${line === undefined ? "" : ` at line ${line}`}`,
      fix: "see workbench quarantine list",
    });
  for (const row of rows) {
    out.line(
      `${out.paint.bold(`${printable(row.label)}:${row.line}`)}  ${row.reason}  ${printable(row.detail)}`,
    );
    out.line(
      `  bytes ${row.byte_offset} to ${row.byte_offset + row.byte_length}, sha256 ${row.sha256.slice(0, 12)}…`,
    );
    out.line(`  ${printable(row.text.slice(0, 400))}`);
  }
  out.result(rows);
}

export const EXAMPLES: readonly Example[] = [
  ["workbench quarantine list"],
  ["workbench quarantine show support-bot"],
  ["workbench quarantine show 48807cb30317 --line 158626"],
  ["workbench quarantine retry logs/2026-11-20.jsonl --map ours.mapping.yaml"],
];

export const NOTES = `
The whole text of a record stays in its source, at the line and byte offset shown. If the mapping or the importer
was wrong, mend it and retry: only these records are read again, each checked against its hash. If the record is
wrong, correct it there and ingest the file again: what is stored already is known.`;
