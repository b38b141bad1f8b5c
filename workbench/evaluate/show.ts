import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { printable, quoted } from "../errors/printable.ts";
import { SampleRow, type EvalResult } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { findRun } from "./list.ts";
import { readRows } from "./read-rows.ts";

export type Shown =
  | { readonly kind: "run"; readonly evaluation: { readonly id: string; readonly result: EvalResult } }
  | { readonly kind: "sample"; readonly rows: readonly SampleRow[]; readonly lines: readonly string[] };

/** A run's figures, or every arm's answer to one sample (its id, the first digits of it, or its label). */
export async function showSample(
  project: Project,
  asked: { readonly run: string; readonly sample: string | null },
  effects: Effects,
): Promise<Shown> {
  const { id, folder, result } = await findRun(project, asked.run, effects);
  if (asked.sample === null) return { kind: "run", evaluation: { id, result } };
  const rows = await rowsOfSample(folder, asked.sample, effects);
  return { kind: "sample", rows, lines: linesOf(rows) };
}

export async function rowsOfSample(
  folder: string,
  sample: string,
  effects: Effects,
): Promise<readonly SampleRow[]> {
  const [rows, labelled]: [SampleRow[], SampleRow[]] = [[], []];
  for await (const { value } of readRows(join(folder, "samples.jsonl"), effects)) {
    if (value instanceof Error) throw value;
    // Only what is asked for is checked whole: a run may have a hundred thousand others.
    const { label, sampleId } = value as Pick<SampleRow, "label" | "sampleId">;
    if (label === sample) labelled.push(SampleRow.parse(value));
    if (sampleId.startsWith(sample)) rows.push(SampleRow.parse(value));
  }
  if (isOne(labelled)) return labelled;
  if (isOne(rows)) return rows;
  throw new WorkbenchError({
    code: "WB_USAGE",
    where: folder,
    what:
      rows.length + labelled.length === 0
        ? `no sample is ${quoted(sample)}`
        : `${quoted(sample)} begins several samples`,
    fix: "give more digits of its id, or its whole label",
  });
}

const isOne = (rows: readonly SampleRow[]): boolean =>
  new Set(rows.map(({ sampleId }) => sampleId)).size === 1;

function linesOf(rows: readonly SampleRow[]): readonly string[] {
  const [first] = rows;
  if (!first) return [];
  const text = (value: unknown): string =>
    printable(typeof value === "string" ? value : JSON.stringify(value));
  const head = [
    `sample ${first.sampleId.slice(0, 12)}  ${text(first.label)}`,
    `input     ${text(first.input)}`,
  ];
  const answers = rows.flatMap((row) => [
    "",
    `${text(row.arm)}${row.epoch > 1 ? ` (epoch ${row.epoch})` : ""}  ${row.status}${row.success === null ? "" : row.success ? "  right" : "  wrong"}`,
    row.error ? `  ${row.error.code}: ${text(row.error.message)}` : `  ${text(row.output)}`,
    ...Object.entries(row.scores).map(
      ([name, { value, reason }]) =>
        `  ${name} ${value ?? "unscored"}${reason === undefined ? "" : `: ${text(reason)}`}`,
    ),
  ]);
  return [...head, `expected  ${text(first.expected)}`, ...answers];
}
