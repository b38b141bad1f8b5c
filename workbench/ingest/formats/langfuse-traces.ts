import type { JsonRecord } from "../parse.ts";
import { paths } from "./declared.ts";
import type { FeedbackDraft, Format, InteractionDraft, Note } from "./format.ts";
import { freeTurn, has, isRecord, jsonOf, listOf, textOf } from "./format.ts";
import { bothNames, snakeNames } from "./langfuse-names.ts";
import { scoreOf } from "./langfuse-scores.ts";
import { observationRow } from "./langfuse.ts";

/**
 * Langfuse's traces: of the legacy export to blob storage (repositories/traces.ts), and of the API, which puts a
 * trace's observations and scores into it (TraceWithFullDetails of fern/apis/server/definition/commons.yml). The
 * trace is a link of the chain; its observations are rows with its user and session.
 */
export const langfuseTraces: Format = {
  name: "langfuse-traces",
  version: 1,
  unfolds: "tags observations scores".split(" "),
  matches: (record) =>
    has(record, "id", "timestamp", "input", "output", "tags", "public") &&
    !has(record, "trace_id", "traceId"),
  map: (record, note) => {
    const trace = snakeNames(record);
    const inner = (value: unknown): readonly JsonRecord[] => listOf(value).filter(isRecord).map(snakeNames);
    return {
      interactions: [
        traceRow(trace, note),
        ...inner(trace["observations"]).map((observation) =>
          ofTrace(observationRow(observation, note), trace),
        ),
      ],
      feedback: inner(trace["scores"]).map((score): FeedbackDraft => scoreOf(score)),
    };
  },
  fields: bothNames({
    ...paths("mapped", "id timestamp name user_id session_id tags input output metadata updated_at"),
    ...paths(
      "extra",
      "project_id environment release version public bookmarked html_path latency total_cost external_id scores observations",
    ),
    created_at: "dropped because it is when the exporter stored the row",
  }),
};

function traceRow(trace: JsonRecord, note: Note): InteractionDraft {
  return {
    source_id: textOf(trace["id"]),
    kind: "chain",
    trace_id: textOf(trace["id"]),
    conversation_id: textOf(trace["session_id"]),
    agent: textOf(trace["name"]),
    user_key: textOf(trace["user_id"]),
    started_at: textOf(trace["timestamp"]),
    updated_at: textOf(trace["updated_at"]),
    messages: freeTurn("user", jsonOf(trace["input"], "input", note)),
    output: freeTurn("assistant", jsonOf(trace["output"], "output", note)),
    tags: listOf(trace["tags"]),
    metadata: jsonOf(trace["metadata"], "metadata", note),
  };
}

/** What only the trace knows of its observations. */
function ofTrace(row: InteractionDraft, trace: JsonRecord): InteractionDraft {
  return {
    ...row,
    trace_id: row.trace_id ?? textOf(trace["id"]),
    conversation_id: row.conversation_id ?? textOf(trace["session_id"]),
    user_key: row.user_key ?? textOf(trace["user_id"]),
    agent: row.agent ?? textOf(trace["name"]),
    tags: listOf(row.tags).length > 0 ? row.tags : listOf(trace["tags"]),
  };
}
