import { paths } from "./declared.ts";
import type { Format } from "./format.ts";
import { has, isRecord, numberOf, recordOf, textOf } from "./format.ts";

/** Feedback of LangSmith, a record each (langchain-ai/langsmith-sdk, python/langsmith/schemas.py, Feedback): about a run, else its trace. */
export const langsmithFeedback: Format = {
  name: "langsmith-feedback",
  version: 1,
  unfolds: "feedback_source correction extra".split(" "),
  matches: (record) => has(record, "run_id", "key", "score", "feedback_source"),
  map: (record) => {
    const source = recordOf(record["feedback_source"]);
    const correction = record["correction"] ?? null;
    const said = record["score"] ?? record["value"] ?? null;
    return {
      interactions: [],
      feedback: [
        {
          feedback_id: textOf(record["id"]),
          target: {
            interaction_id: null,
            format: "langsmith",
            source_id: textOf(record["run_id"]),
            trace_id: textOf(record["trace_id"]),
            conversation_id: null,
          },
          raw: said,
          ...(correction !== null && said === null
            ? { kind: "correction" }
            : { kind: "score", ...valueOf(record["score"]) }),
          corrected_text: isRecord(correction) ? JSON.stringify(correction) : textOf(correction),
          label: textOf(record["key"]),
          comment: textOf(record["comment"]),
          rater: textOf(source["user_id"]),
          occurred_at: record["created_at"] ?? null,
          explicit: source["type"] !== "model" && source["type"] !== "auto_eval",
        },
      ],
    };
  },
  fields: {
    ...paths("mapped", "id run_id trace_id key score correction comment created_at feedback_source.user_id"),
    ...paths(
      "extra",
      "value feedback_source modified_at session_id comparative_experiment_id feedback_group_id feedback_thread_id is_root extra start_time",
    ),
  },
};

/** A number in [-1, 1] is taken as it is; true and false are ±1; other scales are the user's to map. */
function valueOf(score: unknown): { value: number | null; reason: string | null } {
  if (typeof score === "boolean") return { value: score ? 1 : -1, reason: "boolean score" };
  const value = numberOf(score);
  if (value === null) return { value: null, reason: null };
  if (value >= -1 && value <= 1) return { value, reason: "numeric score as it is" };
  return { value: null, reason: "a score outside [-1, 1]: map its scale" };
}
