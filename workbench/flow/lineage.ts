import { join } from "node:path";
import { TrainResult } from "../schema/run.ts";
import { folded } from "../select/text.ts";
import type { Effects } from "../store/effects.ts";
import { resolveInside, type Project } from "../store/paths.ts";

const MOST_ANCESTORS = 32;

/**
 * Tells whether a text stood, white space apart, in a user's turn of the data that a training run or
 * any run it started from learnt from. Null when none of that data is here any more.
 */
export async function trainingTexts(
  project: Project,
  run: string,
  effects: Effects,
): Promise<((text: string) => boolean) | null> {
  const seen = new Set<string>();
  let isKnown = false;
  let at: string | null = run;
  for (let depth = 0; at !== null && depth < MOST_ANCESTORS; depth++) {
    const result = await trainResult(project, at, effects);
    if (!result) break;
    const { name, digest } = result.dataset;
    const folder = await resolveInside(project.datasets, [`${name}@${digest.slice(0, 12)}`], effects);
    isKnown = (await readTexts(join(folder, "train.jsonl"), seen, effects)) || isKnown;
    at = result.start;
  }
  return isKnown ? (text) => seen.has(folded(text)) : null;
}

async function trainResult(project: Project, run: string, effects: Effects): Promise<TrainResult | null> {
  const path = join(await resolveInside(project.runs, [run], effects), "result.json");
  if (!(await effects.stat(path))) return null;
  const parsed = TrainResult.safeParse(JSON.parse(Buffer.from(await effects.read(path)).toString("utf8")));
  return parsed.success ? parsed.data : null;
}

interface TrainingRow {
  readonly messages?: readonly Turn[];
  readonly prompt?: readonly Turn[];
}
interface Turn {
  readonly role?: unknown;
  readonly content?: unknown;
}

async function readTexts(path: string, seen: Set<string>, effects: Effects): Promise<boolean> {
  if (!(await effects.stat(path))) return false;
  const text = Buffer.from(await effects.read(path)).toString("utf8");
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const { messages = [], prompt = [] } = JSON.parse(line) as TrainingRow;
    for (const { role, content } of [...messages, ...prompt])
      if (role === "user" && typeof content === "string") seen.add(folded(content));
  }
  return true;
}
