import type { Fields } from "./format.ts";

/** Many paths with one verdict: `paths("mapped", "id name input")`. */
export function paths<V extends Fields[string]>(verdict: V, names: string): Readonly<Record<string, V>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, verdict]));
}

/** The token counts that usageOf takes; others are kept. */
export function usagePaths(prefix: string): Fields {
  const taken =
    "prompt_cache_hit_tokens prompt_tokens completion_tokens input_tokens output_tokens prompt_tokens_details.cached_tokens completion_tokens_details.reasoning_tokens input_tokens_details.cached_tokens output_tokens_details.reasoning_tokens";
  return {
    [prefix]: "extra",
    ...Object.fromEntries(taken.split(" ").map((name) => [`${prefix}.${name}`, "mapped" as const])),
    [`${prefix}.total_tokens`]: "dropped because it is the sum of two others",
  };
}

/** The members of a chat message that chatMessage takes, below `prefix`. */
export function chatPaths(prefix: string): Fields {
  const members = [
    "role",
    "content",
    "refusal",
    "name",
    "tool_name",
    "function",
    "tool_calls",
    "tool_call_id",
    "function_call",
    "audio.transcript",
  ];
  // What the model thought before an earlier answer, where it found something, and sound have no column.
  const kept = [
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "thinking_blocks",
    "annotations",
    "audio",
  ];
  return {
    [prefix]: "listed",
    ...Object.fromEntries(members.map((name) => [`${prefix}.${name}`, "mapped" as const])),
    ...Object.fromEntries(kept.map((name) => [`${prefix}.${name}`, "extra" as const])),
    [`${prefix}.tool_calls[].type`]: "dropped because function and custom calls are stored alike",
    [`${prefix}.tool_calls[].function.index`]: "dropped because the order of calls says it",
  };
}

/** The members of an answer, of which what the model thought has a column. */
export function answerPaths(prefix: string): Fields {
  return {
    ...chatPaths(prefix),
    [`${prefix}.reasoning_content`]: "mapped",
    [`${prefix}.reasoning`]: "mapped",
  };
}
