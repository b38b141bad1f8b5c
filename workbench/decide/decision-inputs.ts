import { join } from "node:path";
import { digestOf } from "../schema/canonical.ts";
import type { Policy } from "../schema/policy.ts";
import type { RunManifest } from "../schema/run.ts";
import { jsonText, writeOnce } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { codeFacts, hostFacts } from "../store/host-facts.ts";
import type { Project } from "../store/paths.ts";
import { policySnapshot } from "./record.ts";

/** What a decision is made from, offline or on live traffic, before anything is computed. */
export interface DecisionStart {
  readonly name: string;
  readonly experiment: string | null;
  /** The run's id is their digest, so the same evidence, policy and facts are the same run. */
  readonly inputs: RunManifest["inputs"];
  readonly seed: number;
  readonly policy: Policy;
  /** What was known beside the rows; `inputs` hold its digest. */
  readonly facts: unknown;
}

/** Writes manifest, policy and facts once, and returns the run's id. */
export async function writeDecisionInputs(
  project: Project,
  { name, experiment, inputs, seed, policy, facts }: DecisionStart,
  effects: Effects,
): Promise<string> {
  const inputsSha256 = digestOf(inputs);
  const id = inputsSha256.slice(0, 12);
  const folder = join(project.runs, id);
  if (!(await effects.stat(join(folder, "manifest.json")))) {
    const manifest: RunManifest = {
      schema: "workbench/run@1",
      id,
      kind: "decision",
      experiment,
      name,
      inputs,
      inputsSha256,
      seed,
      at: effects.now().toISOString(),
      host: hostFacts(),
      code: await codeFacts(project.root, effects),
    };
    await writeOnce(join(folder, "manifest.json"), jsonText(manifest), effects);
  }
  await writeOnce(join(folder, "policy.json"), jsonText(policySnapshot(policy)), effects);
  await writeOnce(join(folder, "facts.json"), jsonText(facts), effects);
  return id;
}
