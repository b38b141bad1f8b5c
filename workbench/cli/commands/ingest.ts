import { Command } from "commander";
import { isAbsolute, relative } from "node:path";
import { ingest } from "../../ingest/ingest.ts";
import type { IngestReport } from "../../ingest/ingest.ts";
import type { IngestRequest } from "../../ingest/request.ts";
import { printable } from "../../errors/printable.ts";
import type { RedactionReport } from "../../redact/report.ts";
import { loadConfig } from "../../store/config.ts";
import { wholeNumber } from "../whole-number.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import { ingestProgress } from "../ingest-progress.ts";
import type { Output } from "../output.ts";

interface Options {
  readonly format?: string;
  readonly map?: string;
  readonly label?: string;
  readonly again?: boolean;
  readonly verify?: boolean;
  readonly keepRaw?: boolean;
  readonly csv?: boolean;
  readonly table?: string;
  readonly query?: string;
  readonly passwordEnv?: string;
  readonly s3Endpoint?: string;
  readonly s3Region?: string;
  readonly s3PathStyle?: boolean;
  readonly threads?: number;
}

export function command(): Command {
  return new Command("ingest")
    .description("Read logs into the interaction store: redacted, each record once, none lost.")
    .argument(
      "<source...>",
      "files, folders, quoted globs, - for standard input, postgres://…, s3://…, or a source of workbench.config.yaml",
    )
    .option("--format <name>", "what the records are (default: found out from a sample)")
    .option("--map <file>", "a mapping file, for logs that no importer knows")
    .option("--label <label>", "a name for where these logs come from; picks the source's privacy settings")
    .option("--again", "replace rows that an older importer or another privacy policy made of the same bytes")
    .option("--verify", "hash every byte of a file that looks as it did when it was last read")
    .option("--keep-raw", "keep the records as they came too, encrypted, a data key for each person")
    .option("--csv", "comma-separated values under a header, whatever the name (told by .csv and .tsv)")
    .option("--table <name>", "postgres: the table whose rows are records")
    .option("--query <file>", "postgres: a file with the SELECT whose rows are records")
    .option(
      "--password-env <name>",
      "postgres: the environment variable of the password (default: PGPASSWORD)",
    )
    .option("--s3-endpoint <url>", "s3: the store's address (default: AWS, or AWS_ENDPOINT_URL_S3)")
    .option("--s3-region <name>", "s3: the region (default: AWS_REGION)")
    .option("--s3-path-style", "s3: the bucket in the path, as MinIO and other stores want it")
    .option(
      "--threads <n>",
      "how many threads may read side by side (default: one a core, at most 8); what comes out is the same",
      wholeNumber,
    )
    .action(
      withContext(async ({ project, out, effects }, sources: readonly string[], options: Options) => {
        const progress = ingestProgress(out, effects.monotonicMs);
        const report = await ingest(
          {
            project,
            config: await loadConfig(project, effects),
            sources,
            ...requestOf(options),
            readOn: true,
            stdin: process.stdin,
            onSource: progress.onSource,
            onProgress: progress.onProgress,
          },
          effects,
        );
        progress.end();
        print(report, out);
        out.result(report);
        return report.sources.some(({ outcome }) => outcome === "refused") ? 2 : 0;
      }),
    );
}

/** The command's words as the verb knows them; what was not said stays unsaid. */
export function requestOf(options: Options): Partial<IngestRequest> {
  const {
    format,
    map,
    label,
    again,
    verify,
    keepRaw,
    csv,
    table,
    query,
    passwordEnv,
    s3Endpoint,
    s3Region,
    s3PathStyle,
    threads,
  } = options;
  return given({
    format,
    mapping: map,
    label,
    again,
    verify,
    keepRaw,
    csv,
    threads,
    postgres: given({ table, query, passwordEnv }),
    s3: given({ endpoint: s3Endpoint, region: s3Region, pathStyle: s3PathStyle }),
  });
}

type Given<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}

function print({ sources, totals }: IngestReport, out: Output): void {
  for (const source of sources) {
    out.line(
      `${out.paint.bold(fromHere(source.source))}  ${source.outcome}${source.format === null ? "" : ` as ${source.format}${sureness(source.confidence)}`}`,
    );
    if (source.refused) {
      out.line(`  ${out.paint.red(source.refused.what)}`);
      out.line(`  fix  ${source.refused.fix}`);
    }
    if (source.import === null || source.outcome === "unchanged") continue;
    const { read, stored, known, quarantined, blank, erased = 0 } = source.counts;
    out.line(
      `  ${read} records read = ${stored} stored + ${known} known${erased > 0 ? ` (${erased} erased)` : ""} + ${quarantined} quarantined; ${blank} blank lines`,
    );
    out.line(`  ${source.interactions} interactions, ${source.feedback} feedback records`);
    list("redacted", source.redactions, out);
    printRedaction(source.redaction, out);
    list("quarantined", source.reasons, out);
    for (const { path, rows, what } of source.lossy.slice(0, 12))
      out.line(`  ${out.paint.dim(`${path}: ${what} (${rows})`)}`);
    if (source.lossy.length > 12)
      out.line(out.paint.dim(`  … and ${source.lossy.length - 12} more paths, see --json`));
  }
  if (sources.length > 1)
    out.line(
      `${sources.length} sources: ${totals.read} read = ${totals.stored} stored + ${totals.known} known + ${totals.quarantined} quarantined`,
    );
  const refused = sources.filter(({ outcome }) => outcome === "refused").length;
  if (refused > 0) out.line(out.paint.red(`${refused} of ${sources.length} sources were not read`));
  if (totals.quarantined > 0) out.line("see workbench quarantine list");
}

/** The share of the sample that is of the format, where it is not all of it. */
const sureness = (confidence: number | null): string =>
  confidence === null || confidence === 1 ? "" : ` (${Math.round(confidence * 100)} % of the sample)`;

/** Where the most was replaced, and shapes of it; `--json` and the manifest have all of it. */
function printRedaction(redaction: RedactionReport | null, out: Output): void {
  if (redaction === null || redaction.replaced.length === 0) return;
  const places = redaction.replaced
    .slice(0, 5)
    .map(
      ({ kind, column, agent, count }) =>
        `${kind} in ${column}${agent === null ? "" : ` of ${printable(agent)}`} ${count}`,
    );
  out.line(out.paint.dim(`  most: ${places.join(", ")}`));
  const shapes = redaction.examples.map(({ kind, shape }) => `${kind} ${shape}`);
  out.line(out.paint.dim(`  looked like: ${shapes.join(", ")}`));
  out.line(out.paint.dim("  not covered: names on no list, values split over messages (docs/privacy.md)"));
}

/** A path as the person would type it here; standard input and all that lies elsewhere stay as they are. */
function fromHere(source: string): string {
  const way = relative(process.cwd(), source);
  return isAbsolute(source) && !way.startsWith("..") ? way : source;
}

function list(what: string, counts: Readonly<Record<string, number>>, out: Output): void {
  const entries = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > 0)
    out.line(`  ${what}: ${entries.map(([name, count]) => `${name} ${count}`).join(", ")}`);
}

export const EXAMPLES: readonly Example[] = [
  ["workbench ingest logs/2026-11-20.jsonl.gz"],
  ["workbench ingest 'exports/**/*.jsonl' --label support-bot"],
  ["zcat app.log.gz | workbench ingest - --format openai-chat"],
  ["workbench ingest ours.csv --map ours.mapping.yaml"],
  ["workbench ingest postgres://app@db.example.org/desk --table calls --map calls.mapping.yaml"],
  ["workbench ingest 's3://logs/2026/**/*.parquet' --s3-endpoint https://store.example.org"],
];

export const NOTES = `
The same bytes again change nothing; of a file that grew, only what is new is read. JSON lines, JSON arrays,
CSV and Parquet are read; .gz and .zst are unpacked. An address holds no password: it is named by its
environment variable, and S3 credentials come from where the aws command finds them. Personal data and
secrets are replaced before anything is written (workbench.config.yaml, privacy). See docs/ingest.md.`;
