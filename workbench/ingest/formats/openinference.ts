import type { JsonRecord } from "../parse.ts";
import { chatMessages } from "./chat.ts";
import type { Format, Note } from "./format.ts";
import { freeTurn, isRecord, jsonOf, listOf, lookUp, numberOf, recordOf, textOf } from "./format.ts";
import { joined, thoughtOf } from "./message.ts";
import { flattened, indexed, nested } from "./openinference-attributes.ts";

const KINDS: Readonly<Record<string, string>> = {
  LLM: "llm",
  TOOL: "tool",
  RETRIEVER: "retriever",
  EMBEDDING: "retriever",
  RERANKER: "retriever",
  AGENT: "agent",
};

/**
 * Spans of OpenInference, as Phoenix exports them: dotted attributes, flat or as a tree (Arize-ai/openinference,
 * python/openinference-semantic-conventions/src/openinference/semconv/trace/__init__.py).
 */
export const openinference: Format = {
  name: "openinference",
  version: 3,
  unfolds: "attributes context events annotations".split(" "),
  matches: ({ attributes }) => isRecord(attributes) && kindOf(attributes) !== undefined,
  map: (record, note) => {
    const flat = flattened(recordOf(record["attributes"]));
    const context = recordOf(record["context"]);
    const llm = recordOf(nested(flat, "llm."));
    const kind = lookUp(KINDS, textOf(flat["openinference.span.kind"])?.toUpperCase()) ?? "chain";
    const failed = record["status_code"] === "ERROR";
    const cost = costOf(flat);
    const told = indexed(llm["output_messages"]).map(messageOf);
    const outputs = [...chatMessages(told, note), ...textsOf(llm["choices"], "completion", "assistant")];
    const inputs = [
      ...chatMessages(indexed(llm["input_messages"]).map(messageOf), note),
      ...textsOf(llm["prompts"], "prompt", "user"),
    ];
    const reason = textOf(flat["llm.finish_reason"]);
    return {
      interactions: [
        {
          source_id: textOf(context["span_id"]),
          kind,
          trace_id: textOf(context["trace_id"]),
          parent_id: textOf(record["parent_id"]),
          conversation_id: textOf(flat["session.id"]),
          agent: textOf(flat["agent.name"]) ?? textOf(flat["graph.node.id"]),
          user_key: textOf(flat["user.id"]),
          started_at: textOf(record["start_time"]),
          ended_at: textOf(record["end_time"]),
          provider: textOf(flat["llm.provider"]) ?? textOf(flat["llm.system"]),
          model_requested: textOf(flat["llm.request.model_name"]),
          model_served:
            textOf(flat["llm.response.model_name"]) ??
            textOf(flat["llm.model_name"]) ??
            textOf(flat["embedding.model_name"]),
          params: jsonOf(flat["llm.invocation_parameters"], "llm.invocation_parameters", note),
          tools: toolsOf(llm["tools"], note),
          messages: inputs.length > 0 ? inputs : freeTurn("user", flat["input.value"]),
          output: (outputs.length > 0 ? outputs : freeTurn("assistant", flat["output.value"])).map((turn) =>
            reason === null ? turn : { ...turn, finish_reason: reason },
          ),
          reasoning: joined(told.map(thoughtOf)),
          context: documentsOf(recordOf(nested(flat, "retrieval."))["documents"]),
          ...(kind === "tool" ? { tools_used: toolUsed(flat, { failed, note }) } : {}),
          status: failed ? "error" : reason === "length" || reason === "max_tokens" ? "cut" : "ok",
          error: failed ? errorOf(record) : null,
          input_tokens: flat["llm.token_count.prompt"] ?? null,
          output_tokens: flat["llm.token_count.completion"] ?? null,
          cached_tokens:
            flat["llm.token_count.prompt_details.cache_read"] ??
            flat["llm.token_count.prompt_details.cache_input"] ??
            null,
          reasoning_tokens: flat["llm.token_count.completion_details.reasoning"] ?? null,
          cost_usd: cost,
          cost_source: cost === null ? null : "logged",
          feedback: [
            ...annotationsOf(record["annotations"]),
            ...annotationsOf(
              indexed(recordOf(nested(flat, ""))["annotations"]).map((item) => item["annotation"]),
            ),
            ...annotationsOf(
              indexed(recordOf(nested(flat, ""))["evaluations"]).map((item) => item["evaluation"]),
            ),
          ],
          tags: listOf(jsonOf(flat["tag.tags"], "tag.tags", note)),
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
    annotations: "extra",
  },
};

const TAKEN =
  /^(?:llm\.(?:input_messages|output_messages|tools|prompts|choices)\..*|retrieval\.documents\..*|llm\.(?:cost\.total|provider|invocation_parameters|finish_reason)|llm\.(?:request|response)\.model_name|llm\.token_count\.(?:prompt|completion|total|prompt_details\.cache_read|completion_details\.reasoning)|session\.id|user\.id|agent\.name|tag\.tags(?:\.\d+)?|metadata)$/;

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

const kindOf = (attributes: JsonRecord): unknown =>
  attributes["openinference.span.kind"] ?? recordOf(recordOf(attributes["openinference"])["span"])["kind"];

/** What a call cost: the total, else both halves. */
function costOf(flat: JsonRecord): number | null {
  const [prompt, completion] = [numberOf(flat["llm.cost.prompt"]), numberOf(flat["llm.cost.completion"])];
  return (
    numberOf(flat["llm.cost.total"]) ?? (prompt === null || completion === null ? null : prompt + completion)
  );
}

/** Why a span failed: its status, else the exception among its events. */
function errorOf(record: JsonRecord): { code: string | null; message: string | null } {
  const thrown = listOf(record["events"])
    .map((event) => recordOf(recordOf(event)["attributes"]))
    .find((attributes) => attributes["exception.type"] !== undefined);
  return {
    code: textOf(thrown?.["exception.type"]),
    message: textOf(record["status_message"]) ?? textOf(thrown?.["exception.message"]),
  };
}

/** What a tool was given and gave. */
function toolUsed(flat: JsonRecord, { failed, note }: { failed: boolean; note: Note }): readonly unknown[] {
  const name = textOf(flat["tool.name"]);
  const given = flat["tool.parameters"] ?? flat["input.value"];
  return name === null
    ? []
    : [
        {
          name,
          arguments: jsonOf(given, "tool.parameters", note),
          result: flat["output.value"] ?? null,
          success: !failed,
        },
      ];
}

const ROLES: Readonly<Record<string, string>> = {
  agent: "assistant",
  model: "assistant",
  ai: "assistant",
  human: "user",
};

/** A message of `message.*` attributes as a chat message. */
function messageOf(item: JsonRecord): JsonRecord {
  const message = recordOf(item["message"]);
  const contents = indexed(message["contents"]).map((part) => recordOf(part["message_content"]));
  return {
    ...message,
    role: lookUp(ROLES, message["role"]) ?? message["role"],
    content: message["content"] ?? (contents.length > 0 ? contents : null),
    tool_calls: indexed(message["tool_calls"]).map((call) => recordOf(call["tool_call"])),
    ...(textOf(message["function_call_name"]) === null
      ? {}
      : {
          function_call: {
            name: message["function_call_name"],
            arguments: message["function_call_arguments_json"],
          },
        }),
  };
}

/** Prompts and answers of completions: texts, or `prompt.text` and `completion.text`. */
function textsOf(value: unknown, member: string, role: "user" | "assistant"): ReturnType<typeof freeTurn> {
  const texts = Array.isArray(value) ? value : indexed(value).map((item) => recordOf(item[member])["text"]);
  return texts.flatMap((text: unknown) => freeTurn(role, text));
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
  return listOf(value)
    .filter(isRecord)
    .map((item) => {
      const annotation = recordOf(item);
      const result = isRecord(annotation["result"]) ? annotation["result"] : annotation;
      const score = numberOf(result["score"]);
      const inRange = score !== null && score >= -1 && score <= 1;
      return {
        kind: "score",
        raw: score ?? result["label"] ?? null,
        value: inRange ? score : null,
        reason: inRange ? "numeric score as it is" : null,
        label: textOf(annotation["name"]),
        comment: textOf(result["explanation"]),
        occurred_at: textOf(annotation["updated_at"]) ?? textOf(annotation["created_at"]),
      };
    });
}
