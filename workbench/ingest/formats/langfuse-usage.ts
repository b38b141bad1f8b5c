import type { JsonRecord } from "../parse.ts";
import type { InteractionDraft, Note } from "./format.ts";
import { jsonOf, numberOf, recordOf } from "./format.ts";

/**
 * Token counts of an observation. Langfuse keeps kinds of tokens apart, so that `input` is without what came
 * from the cache (langfuse/langfuse, packages/shared/src/server/ingestion/types.ts); ours is with it. Where the
 * kinds add up to more than `total`, whoever logged them counted some twice: `input` is then all.
 *
 * Worked value: `{input: 21, input_cached_tokens: 40, output: 17, total: 78}` is 61 in, 40 of them cached, 17 out.
 */
export function usageOf(record: JsonRecord, note: Note): InteractionDraft {
  const details = recordOf(jsonOf(record["usage_details"], "usage_details", note));
  const usage = Object.keys(details).length > 0 ? details : recordOf(jsonOf(record["usage"], "usage", note));
  const sum = (isOne: (name: string) => boolean): number | null => {
    let all: number | null = null;
    for (const name in usage) if (isOne(name)) all = (all ?? 0) + (numberOf(usage[name]) ?? 0);
    return all;
  };
  const first = (...names: readonly string[]): number | null =>
    names.map((name) => numberOf(usage[name])).find((count) => count !== null) ?? null;
  const [input, output, total] = [sum(isInput), sum(isOutput), first("total", "totalTokens")];
  const isTwice = total !== null && (input ?? 0) + (output ?? 0) > total;
  if (!isTwice && input !== null && input !== first("input"))
    note("usage_details", "input tokens with those of the cache");
  return {
    input_tokens:
      (isTwice ? first("input") : input) ?? first("promptTokens") ?? numberOf(record["prompt_tokens"]),
    output_tokens:
      (isTwice ? first("output") : output) ??
      first("completionTokens") ??
      numberOf(record["completion_tokens"]),
    cached_tokens: first(
      "input_cached_tokens",
      "input_cache_read",
      "cache_read_input_tokens",
      "input_cached",
    ),
    reasoning_tokens: first("output_reasoning_tokens", "output_reasoning", "reasoning_tokens"),
  };
}

const CACHE = new Set(["cache_read_input_tokens", "cache_creation_input_tokens"]);
const isInput = (name: string): boolean => name === "input" || name.startsWith("input_") || CACHE.has(name);
const isOutput = (name: string): boolean => name === "output" || name.startsWith("output_");
