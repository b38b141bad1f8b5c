import { canonical } from "../schema/canonical.ts";
import type { SampleRow } from "../schema/run.ts";
import { binomialUpper } from "../stats/distribution.ts";

/** So rare by chance that shifted answers are the only sane reading. */
const IMPOSSIBLE = 1e-9;

/**
 * Finds answers that slipped by one item: an arm's outputs then equal the expected answer of the
 * item before or after far more often than their own (sign test, p < 1e-9). Rows are taken in the
 * order in which they were written. Returns what it saw, or null when nothing speaks for a slip.
 */
export function slippedAnswers(rows: readonly SampleRow[]): string | null {
  const first = rows.filter((row) => row.epoch === 1);
  const outputs = first.map((row) => answerOf(row.output));
  const expected = first.map((row) => answerOf(row.expected));
  for (const shift of [1, -1]) {
    const { own, other } = agreement(outputs, expected, shift);
    if (other > own && binomialUpper(other, own + other, 0.5) < IMPOSSIBLE)
      return `answers fit the ${shift === 1 ? "next" : "previous"} item (${other}) better than their own (${own})`;
  }
  return null;
}

/** Text as it is, JSON in canonical form: an expected object and the text of it are then equal. */
function answerOf(value: unknown): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value !== "string") return canonical(value);
  try {
    return canonical(JSON.parse(value));
  } catch {
    return value.trim();
  }
}

/** Items that agree only with their own expected answer, and only with their neighbour's. */
function agreement(
  outputs: readonly (string | null)[],
  expected: readonly (string | null)[],
  shift: number,
): { readonly own: number; readonly other: number } {
  let [own, other] = [0, 0];
  outputs.forEach((output, i) => {
    if (output === null) return;
    const mine = output === expected[i];
    const next = output === expected[(i + shift + outputs.length) % outputs.length];
    if (mine && !next) own++;
    if (next && !mine) other++;
  });
  return { own, other };
}
