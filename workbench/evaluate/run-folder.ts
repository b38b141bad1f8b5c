import { join } from "node:path";
import { EvalResult, RunManifest } from "../schema/run.ts";
import { jsonText, replaceFile } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { codeFacts, hostFacts } from "../store/host-facts.ts";
import type { Project } from "../store/paths.ts";
import { readAs } from "../store/read-json.ts";
import type { Plan } from "./plan.ts";

/** The digest of the inputs, 12 digits; `-r2`, `-r3`, … are further runs of the same inputs. */
export async function runId(
  project: Project,
  inputsSha256: string,
  fresh: boolean,
  effects: Effects,
): Promise<string> {
  const base = inputsSha256.slice(0, 12);
  let last = base;
  for (let n = 2; ; n++) {
    if (!(await effects.stat(join(project.runs, last)))) return last;
    const next = `${base}-r${n}`;
    const isThere = (await effects.stat(join(project.runs, next))) !== null;
    if (!isThere && !fresh) return last;
    last = next;
  }
}

/** The result of a run that has ended; null where there is none yet: its presence is what "finished" means. */
export async function finishedResult(folder: string, effects: Effects): Promise<EvalResult | null> {
  const path = join(folder, "result.json");
  if (!(await effects.stat(path))) return null;
  return readAs(EvalResult, path, effects);
}

interface ManifestFacts {
  readonly project: Project;
  readonly id: string;
  readonly plan: Plan;
  readonly experiment: string | null;
}

/** Says once, before any work, what all of the run depends on. */
export async function writeManifest(
  { project, id, plan, experiment }: ManifestFacts,
  effects: Effects,
): Promise<void> {
  const path = join(project.runs, id, "manifest.json");
  if (await effects.stat(path)) return;
  const manifest = RunManifest.parse({
    schema: "workbench/run@1",
    id,
    kind: "eval",
    experiment,
    name: plan.suite.name,
    inputs: plan.inputs,
    inputsSha256: plan.inputsSha256,
    seed: plan.suite.seed,
    at: effects.now().toISOString(),
    host: hostFacts(),
    code: await codeFacts(project.root, effects),
    quarantined: plan.items.quarantined,
    duplicates: plan.items.duplicates,
  });
  await replaceFile(path, jsonText(manifest), effects);
}
