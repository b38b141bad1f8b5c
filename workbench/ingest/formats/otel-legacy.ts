import { chatMessage } from "./chat.ts";
import type { Format } from "./format.ts";
import { has, listOf, lookUp, recordOf, textOf } from "./format.ts";

const ROLES: Readonly<Record<string, string>> = {
  "gen_ai.system.message": "system",
  "gen_ai.user.message": "user",
  "gen_ai.assistant.message": "assistant",
  "gen_ai.tool.message": "tool",
};

/**
 * Events of OpenTelemetry's GenAI conventions up to 1.36: one call is several lines under one span
 * (`parent_id`). The line with the choice is the model call; the lines of its messages are links of the
 * chain, which the catalog joins to it in their order (catalog/sql/split-calls.sql).
 */
export const otelLegacy: Format = {
  name: "otel-legacy-events",
  version: 1,
  matches: (record) =>
    typeof record["name"] === "string" && /^gen_ai\.[\w.]{1,32}$/.test(record["name"]) && has(record, "body"),
  map: (record, note) => {
    const attributes = recordOf(record["attributes"]);
    const body = recordOf(record["body"]);
    const name = String(record["name"]);
    const shared = {
      trace_id: textOf(record["trace_id"]),
      parent_id: textOf(record["span_id"]),
      provider: textOf(attributes["gen_ai.provider.name"]) ?? textOf(attributes["gen_ai.system"]),
      started_at: record["timestamp"] ?? record["time_unix_nano"] ?? null,
    };
    if (name === "gen_ai.choice") {
      const message = recordOf(body["message"]);
      const turn = chatMessage(
        { role: "assistant", ...message, tool_calls: message["tool_calls"] ?? body["tool_calls"] },
        note,
      );
      return {
        interactions: [{ ...shared, output: [{ ...turn, finish_reason: textOf(body["finish_reason"]) }] }],
      };
    }
    const role = lookUp(ROLES, name) ?? "user";
    const message = chatMessage(
      { role, ...body, tool_call_id: body["id"], tool_calls: listOf(body["tool_calls"]) },
      note,
    );
    return { interactions: [{ ...shared, kind: "chain", messages: [message] }] };
  },
  fields: {
    name: "mapped",
    body: "mapped",
    "body.index": "dropped because every choice is a line",
    "attributes.gen_ai.system": "mapped",
    attributes: "extra",
    trace_id: "mapped",
    span_id: "mapped",
    timestamp: "mapped",
    time_unix_nano: "mapped",
  },
};
