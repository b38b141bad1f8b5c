/** A JSON object as a border finds it: nothing of it is known. */
export type Json = Readonly<Record<string, unknown>>;

export function countOr(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
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
