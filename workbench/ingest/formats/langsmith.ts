import type { JsonRecord } from "../parse.ts";
import { chatChoices, chatMessages } from "./chat.ts";
import type { MessageDraft } from "./chat.ts";
import { chatPaths, paths } from "./declared.ts";
import type { Format, Note } from "./format.ts";
import { has, isRecord, listOf, numberOf, recordOf, textOf, unfolded } from "./format.ts";

const KINDS: Readonly<Record<string, string>> = { llm: "llm", tool: "tool", retriever: "retriever" };
const LC_ROLES: Readonly<Record<string, string>> = {
  HumanMessage: "user",
  AIMessage: "assistant",
  AIMessageChunk: "assistant",
  SystemMessage: "system",
  ToolMessage: "tool",
  ChatMessage: "user",
  human: "user",
  ai: "assistant",
  system: "system",
  tool: "tool",
};

/** LangSmith runs. Messages may be OpenAI's or LangChain's (`lc`, `kwargs`); feedback comes as averages only. */
export const langsmith: Format = {
  name: "langsmith",
  version: 2,
  texts: "moved",
  matches: (record) => has(record, "run_type", "dotted_order", "inputs"),
  map: (raw, note) => {
    // In the Parquet of a bulk export these are JSON text.
    const record = unfolded(raw, "inputs outputs extra feedback_stats tags");
    const metadata = recordOf(recordOf(record["extra"])["metadata"]);
    const started = textOf(record["start_time"]);
    const cost = numberOf(record["total_cost"]);
    return {
      interactions: [
        {
          source_id: textOf(record["id"]),
          kind: KINDS[String(record["run_type"])] ?? "chain",
          trace_id: textOf(record["trace_id"]),
          parent_id: textOf(record["parent_run_id"]),
          conversation_id: textOf(
            metadata["thread_id"] ?? metadata["session_id"] ?? metadata["conversation_id"],
          ),
          agent: textOf(record["name"]),
          user_key: textOf(metadata["user_id"]),
          started_at: started,
          ended_at: textOf(record["end_time"]),
          provider: textOf(metadata["ls_provider"]),
          model_requested: textOf(metadata["ls_model_name"]),
          messages: messagesOf(recordOf(record["inputs"])["messages"], note),
          output: outputOf(recordOf(record["outputs"]), note),
          status: record["error"] ? "error" : "ok",
          error: record["error"]
            ? {
                code: null,
                message:
                  typeof record["error"] === "string" ? record["error"] : JSON.stringify(record["error"]),
              }
            : null,
          input_tokens: record["prompt_tokens"] ?? null,
          output_tokens: record["completion_tokens"] ?? null,
          cost_usd: cost,
          cost_source: cost === null ? null : "logged",
          feedback: averagesOf(record["feedback_stats"]),
          tags: listOf(record["tags"]),
          metadata: Object.keys(metadata).length > 0 ? metadata : null,
        },
      ],
    };
  },
  fields: {
    ...paths(
      "mapped",
      "id name start_time end_time error tags trace_id parent_run_id feedback_stats prompt_tokens completion_tokens total_cost",
    ),
    "inputs.messages": "mapped",
    "outputs.choices": "mapped",
    "outputs.generations": "mapped",
    "outputs.usage_metadata": "extra",
    "outputs.output": "mapped",
    "extra.metadata": "mapped",
    "extra.runtime": "dropped because it describes the machine",
    ...paths(
      "extra",
      "run_type events dotted_order status session_id first_token_time reference_example_id in_dataset parent_run_ids child_run_ids direct_child_run_ids",
    ),
    total_tokens: "dropped because it is the sum of two others",
    prompt_cost: "extra",
    completion_cost: "extra",
    ...chatPaths("outputs.choices[].message"),
  },
};

function messagesOf(value: unknown, note: Note): MessageDraft[] {
  // A batch of one: [[…]].
  const list = listOf(value);
  const messages = list.length === 1 && Array.isArray(list[0]) ? list[0] : list;
  return chatMessages(
    messages.map((message) => plain(recordOf(message))),
    note,
  );
}

/** LangChain's serialised message as a chat message; others stay as they are. */
function plain(message: JsonRecord): JsonRecord {
  const kwargs = message["kwargs"];
  const fields = isRecord(kwargs) ? kwargs : isRecord(message["data"]) ? message["data"] : null;
  if (fields === null)
    return typeof message["type"] === "string" && !has(message, "role")
      ? { ...message, role: LC_ROLES[message["type"]] }
      : message;
  const kind = listOf(message["id"]).at(-1) ?? fields["type"] ?? message["type"];
  const calls = listOf(fields["tool_calls"]).map((call) => {
    const { id, name, args } = recordOf(call);
    return { id, function: { name, arguments: args } };
  });
  return {
    role: LC_ROLES[String(kind)],
    content: fields["content"],
    name: fields["name"],
    tool_call_id: fields["tool_call_id"],
    tool_calls: calls,
  };
}

function outputOf(outputs: JsonRecord, note: Note): MessageDraft[] {
  if (Array.isArray(outputs["choices"])) return chatChoices(outputs["choices"], note);
  const generations = listOf(outputs["generations"]).flat();
  if (generations.length > 0)
    return generations.map((generation) => {
      const { message, text } = recordOf(generation);
      const [turn] = isRecord(message)
        ? chatMessages([plain(message)], note)
        : [{ role: "assistant", content: textOf(text) }];
      return {
        ...turn,
        finish_reason: textOf(recordOf(recordOf(generation)["generation_info"])["finish_reason"]),
      };
    });
  const output = outputs["output"];
  if (isRecord(output)) return chatMessages([plain(output)], note);
  return typeof output === "string" ? [{ role: "assistant", content: output }] : [];
}

/** `feedback_stats` holds counts and averages: a signal per key, its value known if it lies in [-1, 1]. */
function averagesOf(stats: unknown): readonly unknown[] {
  return Object.entries(recordOf(stats)).flatMap(([label, stat]) => {
    const average = numberOf(recordOf(stat)["avg"]);
    if (average === null) return [];
    const inRange = average >= -1 && average <= 1;
    return [
      {
        kind: "score",
        label,
        raw: stat,
        value: inRange ? average : null,
        reason: inRange ? "average as it is" : null,
      },
    ];
  });
}
