import type { JsonRecord } from "../parse.ts";
import { chatMessages } from "./chat.ts";
import type { Format, Note } from "./format.ts";
import { freeTurn, has, isRecord, jsonOf, listOf, lookUp, numberOf, recordOf, textOf } from "./format.ts";

const KINDS: Readonly<Record<string, string>> = {
  LLM: "llm",
  TOOL: "tool",
  RETRIEVER: "retriever",
  AGENT: "agent",
};
const MAX_INDEX = 10_000;

/** Spans of OpenInference, as Phoenix exports them: flat dotted attributes. */
export const openinference: Format = {
  name: "openinference",
  version: 2,
  texts: "moved",
  matches: ({ attributes }) => isRecord(attributes) && has(attributes, "openinference.span.kind"),
  map: (record, note) => {
    const flat = recordOf(record["attributes"]);
    const context = recordOf(record["context"]);
    const llm = recordOf(nested(flat, "llm."));
    const failed = record["status_code"] === "ERROR";
    const cost = numberOf(recordOf(llm["cost"])["total"] ?? flat["llm.cost.total"]);
    const outputs = turns(llm["output_messages"], note);
    const inputs = turns(llm["input_messages"], note);
    return {
      interactions: [
        {
          source_id: textOf(context["span_id"]),
          kind: lookUp(KINDS, textOf(flat["openinference.span.kind"])?.toUpperCase()) ?? "chain",
          trace_id: textOf(context["trace_id"]),
          parent_id: textOf(record["parent_id"]),
          conversation_id: textOf(flat["session.id"]),
          agent: textOf(flat["agent.name"]) ?? textOf(flat["graph.node.id"]),
          user_key: textOf(flat["user.id"]),
          started_at: textOf(record["start_time"]),
          ended_at: textOf(record["end_time"]),
          provider: textOf(flat["llm.provider"]) ?? textOf(flat["llm.system"]),
          model_served: textOf(flat["llm.model_name"]),
          params: jsonOf(flat["llm.invocation_parameters"], "llm.invocation_parameters", note),
          tools: toolsOf(llm["tools"], note),
          messages: inputs.length > 0 ? inputs : freeTurn("user", flat["input.value"]),
          output: outputs.length > 0 ? outputs : freeTurn("assistant", flat["output.value"]),
          context: documentsOf(recordOf(nested(flat, "retrieval."))["documents"]),
          status: failed ? "error" : "ok",
          error: failed ? { code: null, message: textOf(record["status_message"]) } : null,
          input_tokens: flat["llm.token_count.prompt"] ?? null,
          output_tokens: flat["llm.token_count.completion"] ?? null,
          cached_tokens: flat["llm.token_count.prompt_details.cache_read"] ?? null,
          reasoning_tokens: flat["llm.token_count.completion_details.reasoning"] ?? null,
          cost_usd: cost,
          cost_source: cost === null ? null : "logged",
          feedback: annotationsOf(record["annotations"]),
          tags: listOf(flat["tag.tags"]),
          metadata: jsonOf(flat["metadata"], "metadata", note),
          extra: restOf(flat, { inputs: inputs.length > 0, outputs: outputs.length > 0 }),
        },
      ],
    };
  },
  fields: {
    id: "extra",
    name: "extra",
    "context.trace_id": "mapped",
    "context.span_id": "mapped",
    parent_id: "mapped",
    span_kind: "dropped because openinference.span.kind says it",
    start_time: "mapped",
    end_time: "mapped",
    status_code: "extra",
    "attributes.llm.token_count.total": "dropped because it is the sum of two others",
    status_message: "mapped",
    attributes: "mapped",
    events: "extra",
    annotations: "mapped",
  },
};

const TAKEN =
  /^(?:llm\.(?:input_messages|output_messages|tools)\..*|retrieval\.documents\..*|llm\.(?:cost\.total|provider|model_name|invocation_parameters)|llm\.token_count\.(?:prompt|completion|total|prompt_details\.cache_read|completion_details\.reasoning)|session\.id|user\.id|agent\.name|tag\.tags|metadata)$/;

/** Attributes that no column takes. `input.value` and `output.value` repeat the messages where there are some. */
function restOf(
  flat: JsonRecord,
  has: { readonly inputs: boolean; readonly outputs: boolean },
): JsonRecord | null {
  const rest = Object.entries(flat).filter(
    ([name]) =>
      !TAKEN.test(name) &&
      !(name === "input.value" && !has.inputs) &&
      !(name === "output.value" && !has.outputs),
  );
  return rest.length === 0 ? null : Object.fromEntries(rest);
}

/** `llm.a.0.b` and its like as a tree; keys are input, so the tree has no prototype and lists are capped. */
function nested(flat: JsonRecord, prefix: string): unknown {
  const root = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(flat)) {
    if (!name.startsWith(prefix)) continue;
    const steps = name.slice(prefix.length).split(".");
    let at = root;
    for (const step of steps.slice(0, -1)) {
      const next = at[step];
      at = isRecord(next) ? next : (at[step] = Object.create(null) as Record<string, unknown>);
    }
    at[steps.at(-1) ?? ""] = value;
  }
  return root;
}

/** `{0: …, 1: …}` as a list. */
function indexed(value: unknown): readonly JsonRecord[] {
  if (Array.isArray(value)) return value.map(recordOf);
  return Object.entries(recordOf(value))
    .filter(([index]) => /^\d+$/.test(index) && Number(index) < MAX_INDEX)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => recordOf(item));
}

function turns(value: unknown, note: Note): ReturnType<typeof chatMessages> {
  return chatMessages(
    indexed(value).map((item) => {
      const message = recordOf(item["message"]);
      const contents = indexed(message["contents"]).map((part) => recordOf(part["message_content"]));
      return {
        ...message,
        content: message["content"] ?? (contents.length > 0 ? contents : null),
        tool_calls: indexed(message["tool_calls"]).map((call) => recordOf(call["tool_call"])),
      };
    }),
    note,
  );
}

function toolsOf(value: unknown, note: Note): readonly unknown[] | null {
  const tools = indexed(value).map((item) =>
    jsonOf(recordOf(item["tool"])["json_schema"], "llm.tools[].tool.json_schema", note),
  );
  return tools.length === 0 ? null : tools;
}

function documentsOf(value: unknown): readonly unknown[] {
  return indexed(value).map((item) => {
    const document = recordOf(item["document"]);
    return {
      id: textOf(document["id"]),
      text: textOf(document["content"]),
      score: numberOf(document["score"]),
    };
  });
}

function annotationsOf(value: unknown): readonly unknown[] {
  return listOf(value).map((item) => {
    const annotation = recordOf(item);
    const result = recordOf(annotation["result"] ?? annotation);
    const score = numberOf(result["score"]);
    const inRange = score !== null && score >= -1 && score <= 1;
    return {
      kind: "score",
      raw: score ?? result["label"] ?? null,
      value: inRange ? score : null,
      reason: inRange ? "numeric score as it is" : null,
      label: textOf(annotation["name"]),
      comment: textOf(result["explanation"]),
    };
  });
}
