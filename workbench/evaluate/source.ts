import type { z } from "zod";
import { resolve } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { readRows, type Row } from "./read-rows.ts";

/** A row of data as a suite reads it: `input` is asked, `expected` is right, the rest describes. */
export interface Item<I, E> {
  readonly label?: string | undefined;
  readonly input: I;
  readonly expected: E;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Where a suite's items come from; opened by the runner. */
export interface DataSource<I, E> {
  readonly kind: "data";
  readonly from: string;
  readonly open: (project: Project, effects: Effects) => AsyncIterable<Parsed<I, E>>;
}

/** An item, or a row that is none, with its place. */
export type Parsed<I, E> =
  { readonly item: Item<I, E> } | { readonly refused: string; readonly place: string };

/** The shape that a row has without a `map`: `id`, `input`, `expected`, and whatever else describes it. */
interface PlainRow {
  readonly id?: unknown;
  readonly input: unknown;
  readonly expected?: unknown;
}

export interface JsonlOptions<R, I, E> {
  /** A zod schema of a row; rows that it refuses are quarantined with their place and reason. */
  readonly row?: z.ZodType<R>;
  /** From a row to an item; null leaves the row out. Default: the row's own `input` and `expected`. */
  readonly map: (row: R, index: number) => Item<I, E> | null;
}

/** The type of a row's `input`, of its `expected`. */
export type InputOf<R> = R extends { readonly input: infer I } ? I : unknown;
export type ExpectedOf<R> = R extends { readonly expected: infer E } ? E : unknown;

/**
 * Items from a `.jsonl`, `.json` (a list) or gzipped file. The path is relative to the project;
 * `real-data:gsm8k/test.jsonl.gz` is looked for where `WORKBENCH_REAL_DATA` says, else in `../shared/data`.
 */
export function jsonl<R extends PlainRow>(
  path: string,
  options?: { readonly row?: z.ZodType<R> },
): DataSource<InputOf<R>, ExpectedOf<R>>;
export function jsonl<R, I, E>(path: string, options: JsonlOptions<R, I, E>): DataSource<I, E>;
export function jsonl(
  path: string,
  options: Partial<JsonlOptions<unknown, unknown, unknown>> = {},
): DataSource<unknown, unknown> {
  return {
    kind: "data",
    from: path,
    open: (project, effects) => parseRows(readRows(dataPath(path, project, effects), effects), options, path),
  };
}

/** Rows of a dataset's split (`name@digest`), as chat examples: the last turn is what is expected. */
export function dataset<R, I, E>(
  ref: string,
  split: "val" | "test",
  options?: Partial<JsonlOptions<R, I, E>>,
): DataSource<I, E> {
  if ((split as string) === "train")
    throw new WorkbenchError({
      code: "WB_SUITE_INVALID",
      where: `dataset(${quoted(ref)}, "train")`,
      what: "a suite cannot measure on a train split",
      why: "a model that has seen the answers is not tested by them",
      fix: 'use "test" or "val"',
    });
  const path = `datasets/${ref}/${split}.jsonl`;
  const map = options?.map ?? (exampleItem as unknown as JsonlOptions<R, I, E>["map"]);
  return jsonl<R, I, E>(path, { ...options, map } as JsonlOptions<R, I, E>);
}

function exampleItem(row: {
  readonly messages: readonly { readonly content: string }[];
}): Item<unknown, unknown> {
  return { input: { messages: row.messages.slice(0, -1) }, expected: row.messages.at(-1)?.content ?? null };
}

/** Rows as items: refused by the schema, left out by `map`, or an item. */
export async function* parseRows(
  rows: AsyncIterable<Row>,
  { row: schema, map }: Partial<JsonlOptions<unknown, unknown, unknown>>,
  path: string,
): AsyncIterable<Parsed<unknown, unknown>> {
  for await (const { value, place, index } of rows) {
    if (value instanceof Error) {
      yield { refused: value.message, place: `${path}:${place}` };
      continue;
    }
    const parsed = schema?.safeParse(value);
    if (parsed?.success === false) {
      const issue = parsed.error.issues[0];
      yield {
        refused: `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim(),
        place: `${path}:${place}`,
      };
      continue;
    }
    const row = parsed === undefined ? value : parsed.data;
    const item = map ? map(row, index) : plainItem(row);
    if (item === null && map) continue;
    yield item === null ? { refused: "a row needs an `input`", place: `${path}:${place}` } : { item };
  }
}

export function plainItem(row: unknown): Item<unknown, unknown> | null {
  if (typeof row !== "object" || row === null || !("input" in row)) return null;
  const { id, input, expected = null, ...metadata } = row as PlainRow;
  const label = typeof id === "string" || typeof id === "number" ? { label: String(id) } : {};
  return { ...label, input, expected, metadata };
}

const REAL_DATA = "real-data:";

/** Where a data path of a suite lies on this machine. */
export function dataPath(path: string, project: Project, effects: Effects): string {
  if (!path.startsWith(REAL_DATA)) return resolve(project.root, path);
  const folder = effects.env("WORKBENCH_REAL_DATA") ?? resolve(project.root, "../shared/data");
  return resolve(folder, path.slice(REAL_DATA.length));
}
