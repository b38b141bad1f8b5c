import type { JsonRecord } from "../parse.ts";
import { instant, millisecondsBetween } from "../time.ts";
import { isResponse, requestOf, responseOf } from "./bodies.ts";
import { answerPaths, paths } from "./declared.ts";
import type { Format, InteractionDraft, Note } from "./format.ts";
import {
  MapRefusal,
  countOf,
  freeTurn,
  has,
  isRecord,
  listOf,
  lookUp,
  numberOf,
  recordOf,
  textOf,
} from "./format.ts";
import { generationOf, isMessage, langchainPaths, plain, plainMessages } from "./langchain.ts";
import { chatMessages } from "./chat.ts";
import { answeredPaths } from "./openai-responses.ts";

/** Others are links of a chain: chain, prompt, parser. */
const KINDS: Readonly<Record<string, string>> = {
  llm: "llm",
  tool: "tool",
  retriever: "retriever",
  embedding: "retriever",
};

/**
 * LangSmith runs, as the API lists them, the SDKs dump them and bulk exports write them to Parquet
 * (langchain-ai/langsmith-sdk, python/langsmith/schemas.py, Run). Messages may be OpenAI's, Anthropic's or
 * LangChain's; of feedback there are averages only, single ones are `langsmith-feedback`.
 */
export const langsmith: Format = {
  name: "langsmith",
  version: 3,
  unfolds:
    "inputs outputs extra feedback_stats tags events prompt_token_details completion_token_details".split(
      " ",
    ),
  matches: (record) => has(record, "run_type", "dotted_order", "inputs"),
  map: (record, note) => ({ interactions: [runRow(record, note)] }),
  fields: {
    ...paths(
      "mapped",
      "id name start_time end_time error tags trace_id parent_run_id thread_id feedback_stats prompt_tokens completion_tokens total_cost inputs outputs extra.metadata extra.invocation_params",
    ),
    ...langchainPaths("inputs.messages[]"),
    ...langchainPaths("inputs.messages[][]"),
    ...answerPaths("outputs.choices[].message"),
    "outputs.choices[].index": "dropped because the order of output says it",
    "outputs.choices[].logprobs": "extra",
    ...answeredPaths("outputs.output[]"),
    ...langchainPaths("outputs.output"),
    // A text, or a message.
    "outputs.output": "extra",
    ...langchainPaths("outputs.generations[].message"),
    ...langchainPaths("outputs.generations[][].message"),
    "outputs.generations[].generation_info": "extra",
    "outputs.generations[][].generation_info": "extra",
    ...paths(
      "mapped",
      "outputs.generations[].generation_info.finish_reason outputs.generations[][].generation_info.finish_reason",
    ),
    "extra.runtime": "dropped because it describes the machine",
    ...paths(
      "extra",
      "run_type events dotted_order status session_id session_name first_token_time reference_example_id reference_dataset_id in_dataset parent_run_ids child_run_ids direct_child_run_ids child_runs serialized attachments app_path manifest_id manifest_s3_id replicas inputs_preview outputs_preview inputs_s3_urls outputs_s3_urls s3_urls execution_order last_queued_at ttl_seconds trace_tier trace_upgrade trace_first_received_at trace_min_start_time trace_max_start_time share_token price_model_id prompt_cost completion_cost prompt_cost_details completion_cost_details prompt_token_details completion_token_details extra.batch_size extra.options extra.metrics",
    ),
    total_tokens: "dropped because it is the sum of two others",
  },
};

function runRow(record: JsonRecord, note: Note): InteractionDraft {
  const kind = lookUp(KINDS, record["run_type"]) ?? "chain";
  const [inputs, outputs] = [recordOf(record["inputs"]), recordOf(record["outputs"])];
  const metadata = recordOf(recordOf(record["extra"])["metadata"]);
  const invocation = recordOf(recordOf(record["extra"])["invocation_params"]);
  if (kind === "llm" && Object.keys(inputs).length === 0 && isRecord(record["inputs_s3_urls"]))
    throw new MapRefusal("body_elsewhere", "inputs are not in the record");
  const asked = askedOf(inputs, note);
  const { extra, ...answer } = answerOf(outputs, note);
  const params = { ...recordOf(asked.params), ...invocation };
  const cost = numberOf(record["total_cost"]);
  return {
    ...asked,
    ...answer,
    source_id: textOf(record["id"]),
    kind,
    trace_id: textOf(record["trace_id"]),
    parent_id: textOf(record["parent_run_id"]),
    // `session_id` names the project.
    conversation_id: textOf(
      record["thread_id"] ?? metadata["thread_id"] ?? metadata["session_id"] ?? metadata["conversation_id"],
    ),
    agent: textOf(record["name"]),
    user_key: textOf(metadata["user_id"]) ?? asked.user_key ?? null,
    started_at: record["start_time"] ?? null,
    ended_at: record["end_time"] ?? null,
    provider: textOf(metadata["ls_provider"]),
    model_requested: asked.model_requested ?? textOf(metadata["ls_model_name"]),
    model_served: textOf(outputs["model"]),
    params: Object.keys(params).length > 0 ? params : null,
    tools: asked.tools ?? invocation["tools"] ?? null,
    ...(kind === "tool"
      ? {
          tools_used: [
            { name: record["name"], arguments: inputs, result: outputs, success: !record["error"] },
          ],
        }
      : {}),
    ...endOf(record, answer),
    ...usageOf(record, answer),
    ttft_ms: firstToken(record),
    cost_usd: cost,
    cost_source: cost === null ? null : "logged",
    feedback: averagesOf(record["feedback_stats"]),
    tags: listOf(record["tags"]),
    metadata: Object.keys(metadata).length > 0 ? metadata : null,
    extra,
  };
}

/** A request of an API, also with LangChain's messages in it; of other runs whatever they were called with. */
function askedOf(inputs: JsonRecord, note: Note): InteractionDraft {
  const messages = plainMessages(inputs["messages"]);
  if (messages.length > 0) return requestOf({ ...inputs, messages }, note);
  const prompts = listOf(inputs["prompts"]);
  if (prompts.length > 0) return requestOf({ ...inputs, prompts: undefined, prompt: prompts }, note);
  const isRequest = Array.isArray(inputs["input"]) || has(inputs, "input", "model");
  if (isRequest || typeof inputs["prompt"] === "string") return requestOf(inputs, note);
  return { messages: Object.keys(inputs).length === 0 ? [] : freeTurn("user", inputs) };
}

/** What a run gave: a response of an API, LangChain's generations, a message, or anything else. What has no column is `extra`. */
function answerOf(outputs: JsonRecord, note: Note): InteractionDraft {
  const body: unknown = outputs;
  if (isResponse(body)) {
    const { choices: _, output: __, content: ___, role: ____, stop_reason: _____, ...rest } = body;
    return { ...responseOf(body, note), extra: restOf(rest) };
  }
  const { generations, output, ...rest } = outputs;
  const found = listOf(generations).flat();
  if (found.length > 0)
    return {
      output: found.map((one) => generationOf(recordOf(one), note)),
      extra: restOf({ ...rest, output }),
    };
  if (isMessage(output)) return { output: chatMessages([plain(output)], note), extra: restOf(rest) };
  if (typeof output === "string") return { output: freeTurn("assistant", output), extra: restOf(rest) };
  return { output: Object.keys(outputs).length === 0 ? [] : freeTurn("assistant", outputs) };
}

const restOf = (rest: JsonRecord): JsonRecord | null =>
  Object.values(rest).every((value) => value === null || value === undefined) ? null : { outputs: rest };

function endOf(record: JsonRecord, answer: InteractionDraft): InteractionDraft {
  const { error, status } = record;
  const failed = Boolean(error) || status === "error";
  const isOpen = status === "pending" || status === "interrupted";
  const message = typeof error === "string" || !error ? textOf(error) : JSON.stringify(error);
  return {
    status: failed ? "error" : isOpen ? "cut" : (answer.status ?? "ok"),
    error: failed ? { code: null, message } : null,
  };
}

/** The run's own counts, else those that LangChain or the API wrote into the output. */
function usageOf(record: JsonRecord, answer: InteractionDraft): InteractionDraft {
  const told = recordOf(recordOf(record["outputs"])["usage_metadata"]);
  const input = recordOf(record["prompt_token_details"] ?? told["input_token_details"]);
  const output = recordOf(record["completion_token_details"] ?? told["output_token_details"]);
  return {
    input_tokens: countOf(record["prompt_tokens"]) ?? told["input_tokens"] ?? answer.input_tokens ?? null,
    output_tokens:
      countOf(record["completion_tokens"]) ?? told["output_tokens"] ?? answer.output_tokens ?? null,
    cached_tokens: input["cache_read"] ?? answer.cached_tokens ?? null,
    reasoning_tokens: output["reasoning"] ?? answer.reasoning_tokens ?? null,
  };
}

function firstToken(record: JsonRecord): number | null {
  const [start, first] = [instant(record["start_time"])?.text, instant(record["first_token_time"])?.text];
  return start === undefined || first === undefined ? null : millisecondsBetween(start, first);
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
