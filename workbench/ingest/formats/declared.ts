import type { Fields } from "./format.ts";

/** Many paths with one verdict: `paths("mapped", "id name input")`. */
export function paths<V extends Fields[string]>(verdict: V, names: string): Readonly<Record<string, V>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, verdict]));
}

/** The token counts that usageOf takes; others are kept. */
export function usagePaths(prefix: string): Fields {
  const taken =
    "prompt_tokens completion_tokens input_tokens output_tokens prompt_tokens_details.cached_tokens completion_tokens_details.reasoning_tokens input_tokens_details.cached_tokens output_tokens_details.reasoning_tokens";
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
  ];
  return {
    [prefix]: "listed",
    ...Object.fromEntries(members.map((name) => [`${prefix}.${name}`, "mapped" as const])),
    [`${prefix}.tool_calls[].type`]: "dropped because function and custom calls are stored alike",
    [`${prefix}.tool_calls[].function.index`]: "dropped because the order of calls says it",
  };
}
