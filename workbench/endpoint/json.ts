/** A JSON object as a border finds it: nothing of it is known. */
export type Json = Readonly<Record<string, unknown>>;

/** A request of more tokens than this does not exist: who counts so many lies, and is not believed. */
const MOST_TOKENS = 1e9;

/** A count of tokens; null for what can be none. */
export function countOr(value: unknown): number | null {
  const isCount = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MOST_TOKENS;
  return isCount ? value : null;
}

export function textOr(value: unknown, otherwise: string | null): string | null {
  return typeof value === "string" ? value : otherwise;
}

export function record(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
