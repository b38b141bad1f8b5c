import type { JsonRecord } from "../parse.ts";
import { paths } from "./declared.ts";
import type { FeedbackDraft, Format } from "./format.ts";
import { has, numberOf, textOf } from "./format.ts";
import { bothNames, snakeNames } from "./langfuse-names.ts";

/** Langfuse's scores (repositories/scores.ts, and the API's by camelCase names): feedback about an observation, a trace or a session. */
export const langfuseScores: Format = {
  name: "langfuse-scores",
  version: 3,
  matches: (record) =>
    has(record, "data_type", "trace_id", "name", "value", "source") ||
    has(record, "dataType", "name", "value", "source", "timestamp"),
  map: (record) => ({ interactions: [], feedback: [scoreOf(snakeNames(record))] }),
  fields: bothNames({
    ...paths(
      "mapped",
      "id timestamp trace_id observation_id session_id name long_string_value comment author_user_id",
    ),
    ...paths(
      "extra",
      "value string_value data_type source project_id environment config_id queue_id dataset_run_id execution_trace_id metadata trace user_id trace_name trace_tags",
    ),
    created_at: "dropped because it is when the exporter stored the row",
    updated_at: "dropped because it is when the exporter stored the row",
  }),
};

/** A score by the names of the exports to blob storage. */
export function scoreOf(record: JsonRecord): FeedbackDraft {
  const text = textOf(record["long_string_value"]) ?? textOf(record["string_value"]);
  const isCorrection = record["data_type"] === "CORRECTION";
  return {
    feedback_id: textOf(record["id"]),
    target: {
      interaction_id: null,
      format: "langfuse",
      source_id: textOf(record["observation_id"]),
      trace_id: textOf(record["trace_id"]),
      conversation_id: textOf(record["session_id"]),
    },
    // A corrected output has a kind of its own since 2026.
    kind: isCorrection ? "correction" : "score",
    raw: isCorrection ? null : text !== null && hasNoNumber(record) ? text : (record["value"] ?? null),
    ...(isCorrection ? { corrected_text: text ?? textOf(record["value"]) } : valueOf(record)),
    label: textOf(record["name"]),
    comment: textOf(record["comment"]),
    rater: textOf(record["author_user_id"]),
    occurred_at: textOf(record["timestamp"]),
    explicit: record["source"] !== "EVAL",
  };
}

/** Of a category the number is only its place in the list, and of a text there is none. */
const hasNoNumber = ({ data_type: type, value }: JsonRecord): boolean =>
  type === "CATEGORICAL" || type === "TEXT" || numberOf(value) === null;

/** A number in [-1, 1] is taken as it is; a boolean is ±1; other scales are the user's to map. */
function valueOf(record: JsonRecord): { value: number | null; reason: string | null } {
  const value = numberOf(record["value"]);
  if (value === null || hasNoNumber(record)) return { value: null, reason: null };
  if (record["data_type"] === "BOOLEAN") return { value: value === 0 ? -1 : 1, reason: "boolean score" };
  if (value >= -1 && value <= 1) return { value, reason: "numeric score as it is" };
  return { value: null, reason: "a score outside [-1, 1]: map its scale" };
}
