import type { Forgetting } from "./forget.ts";
import type { Generated } from "./generate.ts";
import type { Timed } from "./overview.ts";
import type { Cost } from "./process-tree.ts";
import type { SmallFiles } from "./small-files.ts";
import type { IngestReport } from "../../../workbench/ingest/ingest.ts";

type Import = Cost & { readonly report: IngestReport };

export interface Results {
  readonly machine: string;
  readonly kind: string;
  readonly generated: Generated;
  readonly peer: Cost;
  readonly peerAlike: Cost;
  readonly first: Import;
  /** The same log with `--threads 1`. */
  readonly oneThread: Import;
  readonly again: Import;
  readonly verified: Import;
  readonly appended: Import;
  readonly longLine: Cost | null;
  readonly lineMb: number;
  readonly smallFiles: SmallFiles | null;
  readonly forget: Forgetting | null;
  readonly scale: number;
  readonly queries: readonly Timed[];
}

const number = (value: number, digits = 1): string =>
  value.toLocaleString("en", { maximumFractionDigits: digits });
const percent = (part: number, whole: number): string => `${number((100 * part) / whole)} %`;
const times = (ours: number, theirs: number): string => `${number(ours / theirs, 2)} ×`;

/** The part of docs/benchmarks.md that these results make. */
export function page(results: Results): string {
  const { generated, first, peer, peerAlike, again, verified, appended, longLine, smallFiles } = results;
  const row = (what: string, cost: Cost, against: string, bar: string): string =>
    `| ${what} | ${number(cost.cpuS)} | ${number(cost.wallS)} | ${number(cost.peakMb, 0)} | ${against} | ${bar} |`;
  const { totals } = first.report;
  const written = JSON.parse(peer.stdout) as { readonly rows: number; readonly whole: number };
  const lost = generated.lines - generated.malformed - written.whole;
  return [
    `${number(generated.lines, 0)} lines, ${number(generated.bytes / 1e6, 0)} MB (format ${results.kind}; ${generated.malformed} malformed, ${generated.replays} replays). ${results.machine}.`,
    "",
    "| | CPU s | wall s | peak MB | measured | bar |",
    "| --- | --- | --- | --- | --- | --- |",
    row(
      "`workbench ingest`: typed, redacted, each record once",
      first,
      times(first.cpuS, peer.cpuS),
      "≤ 2.5 ×, ≤ 2000 MB",
    ),
    row("the same with `--threads 1`", results.oneThread, times(results.oneThread.cpuS, peer.cpuS), ""),
    row("peer: DuckDB `read_json` → Parquet, as it comes", peer, "1 ×", ""),
    row("peer with our compression and row groups", peerAlike, times(peerAlike.cpuS, peer.cpuS), ""),
    row("the same file again", again, percent(again.cpuS, first.cpuS), "≤ 2 %"),
    row("the same file again, `--verify`", verified, percent(verified.cpuS, first.cpuS), "≤ 10 %"),
    row(
      "1 % appended",
      appended,
      `${percent(appended.cpuS, first.cpuS)}, ${percent(appended.cpuS - verified.cpuS, first.cpuS)} beyond hashing`,
      "≤ 5 % beyond hashing",
    ),
    ...(longLine
      ? [row(`one line of ${results.lineMb} MB`, longLine, `${number(longLine.peakMb, 0)} MB`, "≤ 300 MB")]
      : []),
    ...(smallFiles
      ? [
          row(
            `a folder of ${number(smallFiles.files, 0)} files of ${smallFiles.lines} lines`,
            smallFiles.folder,
            `${number((1000 * smallFiles.folder.cpuS) / smallFiles.files, 0)} ms a file`,
            "",
          ),
          row("`workbench index` of them, everything new", smallFiles.index, "", ""),
          row("then one line more, by a command of its own", smallFiles.oneMore, "", ""),
          row("`workbench index` after it", smallFiles.indexMore, "", ""),
          row("a query: `workbench logs --sql`", smallFiles.query, "", ""),
          row("`workbench logs overview`", smallFiles.overview, "", ""),
        ]
      : []),
    ...(results.forget
      ? [
          row(
            `\`workbench forget\` of one user among ${number(results.forget.rows, 0)} interactions`,
            results.forget.cost,
            `${results.forget.erased} rows in ${results.forget.touched} of ${results.forget.segments} segments, ${number(results.forget.writtenMb, 0)} MB written`,
            "",
          ),
        ]
      : []),
    "",
    `Ours: ${totals.read} records read = ${totals.stored} stored + ${totals.known} known + ${totals.quarantined} quarantined. ` +
      `The peer wrote ${written.rows} rows, ${written.rows - written.whole} of them empty; ${lost} good records are gone, replays stand twice, nothing is redacted.`,
    ...overviewTable(results),
  ].join("\n");
}

function overviewTable({ queries, scale }: Results): readonly string[] {
  if (queries.length === 0) return [];
  return [
    "",
    `Queries over ${number(scale, 0)} interactions in Parquet segments of one million, written by the schema's columns:`,
    "",
    "| query | s | bar |",
    "| --- | --- | --- |",
    ...queries.map(({ what, seconds, bar }) => `| ${what} | ${number(seconds, 2)} | ${bar} |`),
  ];
}
