import type { FeedbackEvent, Interaction } from "../schema/interaction.ts";

/** Where a row came from, as its import adds it. */
export interface Origin {
  readonly format: string;
  readonly rowKey: string;
  readonly line: number;
  readonly part: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly redactions: Readonly<Record<string, number>>;
}

/**
 * A row as a line of the spool: JSON in which a column that is null is left out, at the top and inside turns and
 * signals. DuckDB reads what is absent as NULL, half of a row's columns are, and each costs it time.
 * Takes the row over: its nulls are gone afterwards.
 */
export function rowJson(row: Interaction | FeedbackEvent, origin: Origin): string {
  const { rowKey, line, part, byteOffset, byteLength, redactions } = origin;
  const own = "target" in row ? { feedback_id: row.feedback_id ?? rowKey } : { format: origin.format };
  withoutNulls(row);
  for (const list of STRUCTS) for (const struct of listOf(row, list)) withoutNulls(struct);
  // Two texts put together: a copy of a row with all its columns takes longer.
  return (
    `${JSON.stringify("target" in row ? { ...row, feedback_id: undefined } : row).slice(0, -1)},` +
    `${JSON.stringify(own).slice(1, -1)},"row_key":"${rowKey}","line_no":${line},"part":${part},` +
    `"byte_offset":${byteOffset},"byte_length":${byteLength},"redactions":${JSON.stringify(redactions)}}`
  );
}

/** Columns whose elements are structs of named members: a null among them says no more than its absence. */
const STRUCTS = ["messages", "output", "feedback"] as const;

function listOf(row: Interaction | FeedbackEvent, name: (typeof STRUCTS)[number]): readonly object[] {
  return "target" in row ? [] : row[name];
}

/** JSON has no undefined: the member is left out. */
function withoutNulls(record: object): void {
  const members = record as Record<string, unknown>;
  for (const name in members) if (members[name] === null) members[name] = undefined;
}
