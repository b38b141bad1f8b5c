import { join } from "node:path";
import { canonical, digestOf } from "../../schema/canonical.ts";
import { SampleRow } from "../../schema/run.ts";
import { replaceFile } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import { verifyFiles } from "../../store/hash.ts";
import type { Project } from "../../store/paths.ts";
import { findRun } from "../list.ts";
import { readRows } from "../read-rows.ts";
import { itemOf } from "./rating.ts";

/** What a rater sees: no arm, no model, no score; alike answers once. */
export interface ReviewItem {
  readonly item: string;
  readonly input: unknown;
  readonly output: string;
}

/**
 * The answers of a finished run for people to rate, in an order that a seed decides and no arm. Answers to one
 * sample stay apart only by chance: raters judge each for itself.
 */
export async function reviewItems(
  {
    project,
    run,
    seed = 0,
    count,
  }: { readonly project: Project; readonly run: string; readonly seed?: number; readonly count?: number },
  effects: Effects,
): Promise<readonly ReviewItem[]> {
  const { folder, result } = await findRun(project, run, effects);
  await verifyFiles(folder, result.files, effects);
  const items = new Map<string, ReviewItem>();
  for await (const { value } of readRows(join(folder, "samples.jsonl"), effects)) {
    const { input, output } = SampleRow.parse(value);
    if (output === null) continue;
    const item = itemOf(input, output);
    items.set(item, { item, input, output });
  }
  const order = (item: string): string => digestOf({ seed, item });
  const shuffled = [...items.values()].sort((a, b) => (order(a.item) < order(b.item) ? -1 : 1));
  return shuffled.slice(0, count);
}

/** As lines of a file that people and their tools read. */
export function queueText(items: readonly ReviewItem[]): string {
  return items.map((item) => `${canonical(item)}\n`).join("");
}

/** Writes `evals/reviews/<run>.queue.jsonl`; the same run, seed and count give the same bytes. */
export async function writeQueue(
  request: Parameters<typeof reviewItems>[0],
  effects: Effects,
): Promise<{ readonly path: string; readonly items: number }> {
  const items = await reviewItems(request, effects);
  const { id } = await findRun(request.project, request.run, effects);
  const path = join(request.project.evals, "reviews", `${id}.queue.jsonl`);
  await replaceFile(path, queueText(items), effects);
  return { path, items: items.length };
}
