import { printable } from "../errors/printable.ts";
import { cellsOf, terminalTable } from "./terminal-table.ts";

export type Row = Readonly<Record<string, unknown>>;

/** How wide the terminal is; Infinity where none is: whoever reads a pipe may look for a row's end. */
export const terminalWidth = (): number => (process.stdout.isTTY ? process.stdout.columns : Infinity);

/** Rows of a query as lines that fit the terminal, control characters escaped. */
export function rowLines(rows: readonly Row[], width: number): readonly string[] {
  const names = Object.keys(rows[0] ?? {});
  const numeric = names.flatMap((name, n) =>
    n < names.length - 1 && rows.every((row) => row[name] === null || typeof row[name] === "number")
      ? [n]
      : [],
  );
  const cells = rows.map((row) => names.map((name) => cell(row[name], width)));
  return terminalTable({ head: names.map((name) => printable(name)), rows: cells, width, numeric });
}

/** What a cell shows of a value. No more is looked at than a terminal could show. */
function cell(value: unknown, width: number): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return printable(text.slice(0, 4 * width)).replace(/\s/g, " ");
}

/** Columns that give way first where the terminal is too narrow for all. */
const GIVES_WAY = ["turns", "feedback", "output_tokens", "input_tokens", "done", "task_type", "agent"];
const ENOUGH = 16;

/**
 * The names that a narrow terminal has room for: those without any value go first, then the least asked for, until
 * each column that is left has 16 cells or what it needs.
 */
export function columnsThatFit(rows: readonly Row[], width: number): readonly string[] {
  const all = Object.keys(rows[0] ?? {});
  const needs = (name: string): number =>
    rows.reduce(
      (most, row) => Math.max(most, Math.min(ENOUGH, cellsOf(cell(row[name], ENOUGH)))),
      cellsOf(name),
    );
  const room = (names: readonly string[]): number =>
    names.reduce((sum, name) => sum + needs(name), 2 * (names.length - 1));
  let kept = all;
  const isEmpty = (name: string): boolean => rows.every((row) => (row[name] ?? null) === null);
  for (const name of [...all.filter(isEmpty), ...GIVES_WAY])
    if (room(kept) > width) kept = kept.filter((one) => one !== name);
  return kept;
}
