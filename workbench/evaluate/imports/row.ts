import { z } from "zod";

/** One answer that another tool recorded. Null is "not recorded", never 0. */
export const ImportedRow = z.strictObject({
  /** The tool's own name for the sample. */
  id: z.string(),
  epoch: z.number().int().positive(),
  input: z.unknown(),
  expected: z.unknown(),
  /** Null where the call failed, and then `error` says how. */
  output: z.string().nullable(),
  error: z.string().nullable(),
  scores: z.record(z.string(), z.number().nullable()),
  latencyMs: z.number().nullable(),
  inputTokens: z.number().int().nullable(),
  outputTokens: z.number().int().nullable(),
  costUsd: z.number().nullable(),
});
export type ImportedRow = z.infer<typeof ImportedRow>;

/** What of a file could not be kept as it was, for people. */
export interface Imported {
  readonly tool: "inspect" | "promptfoo" | "lm-eval";
  readonly rows: readonly ImportedRow[];
  readonly notes: readonly string[];
}

/** A file that is not what it seems to be; the message is for the user. */
export class ImportError extends Error {
  override readonly name = "ImportError";
}

export const numberOr = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

export const countOr = (value: unknown): number | null =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;

/** JSON as Python writes it: NaN and Infinity, which JSON has no word for, become null. */
export function pythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const plain = text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|\bNaN\b|-?\bInfinity\b/g, (token) =>
      token.startsWith('"') ? token : "null",
    );
    if (plain === text) throw new ImportError(`not JSON: ${(error as Error).message.slice(0, 100)}`);
    try {
      return JSON.parse(plain);
    } catch (again) {
      throw new ImportError(`not JSON: ${(again as Error).message.slice(0, 100)}`);
    }
  }
}
