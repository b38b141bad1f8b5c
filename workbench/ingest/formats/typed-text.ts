import { Interaction } from "../../schema/interaction.ts";
import { lookUp, numberOf } from "./format.ts";

const columns = Object.entries(Interaction.shape);
const accepts = (value: unknown, but: unknown): ReadonlySet<string> =>
  new Set(
    columns
      .filter(([, type]) => type.safeParse(value).success && !type.safeParse(but).success)
      .map(([name]) => name),
  );

const NUMBERS = accepts(1, "1");
const FLAGS = accepts(true, "true");
const WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  "1": true,
  false: false,
  f: false,
  "0": false,
};

/**
 * A value for a column, read from text where the source knows nothing else (CSV, numeric of
 * PostgreSQL): `"61"` for `input_tokens` is 61, `"t"` for `task_completed` is true. Text that is
 * neither stays as it is, and the schema refuses it.
 */
export function typedText(column: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  const text = value.trim();
  if (NUMBERS.has(column)) return text === "" ? null : (numberOf(text) ?? value);
  if (FLAGS.has(column)) return text === "" ? null : (lookUp(WORDS, text.toLowerCase()) ?? value);
  return value;
}
