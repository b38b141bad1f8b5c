import { z } from "zod";
import { WorkbenchError } from "../../errors/error.ts";
import { digestOf } from "../../schema/canonical.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import { readRows } from "../read-rows.ts";

/** A line of a ratings file: append-only, one a rater and item; the last one of a rater counts. */
export const Rating = z.looseObject({
  item: z.string().regex(/^[0-9a-f]{64}$/),
  rater: z.string().min(1).max(100),
  value: z.number().min(0).max(1),
});
export type Rating = z.infer<typeof Rating>;

/** What is rated: an input with an answer, whichever arm gave it. So raters need not know the arm. */
export const itemOf = (input: unknown, output: string): string => digestOf({ input, output });

/**
 * Reads a ratings file (`.jsonl`).
 * @throws WB_SUITE_INVALID naming the line that is no rating, WB_FILE_MISSING.
 */
export async function ratings(
  path: string | URL,
  effects: Effects = realEffects,
): Promise<readonly Rating[]> {
  const file = path instanceof URL ? decodeURIComponent(path.pathname) : path;
  const found: Rating[] = [];
  for await (const { value, place } of readRows(file, effects)) {
    const parsed = Rating.safeParse(value);
    if (!parsed.success)
      throw new WorkbenchError({
        code: "WB_SUITE_INVALID",
        where: `${file}:${place}`,
        what: `this is no rating: ${parsed.error.issues[0]?.message ?? ""}`,
        fix: '{"item": "<64 hex digits>", "rater": "ana", "value": 0.5}',
      });
    found.push(parsed.data);
  }
  return found;
}
