import { join } from "node:path";
import type { Decision } from "../../schema/decision.ts";
import type { RunManifest } from "../../schema/run.ts";
import type { Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { readAs, shaped } from "../../store/read-json.ts";
import { digestOf } from "../../schema/canonical.ts";
import { integrity } from "../integrity.ts";
import { openExperiment } from "./experiment-file.ts";
import { onlineRefs } from "./online-refs.ts";
import { OnlineFacts, OnlineInputs, onlineComputed } from "./online-record.ts";
import { readExperiment } from "./read-experiment.ts";

/** True when a decision's inputs name an experiment rather than eval runs. */
export function isOnline(manifest: RunManifest): boolean {
  return typeof manifest.inputs["experiment"] === "string";
}

/** Computes an online decision again from its files: the same bytes, or something was changed. */
export async function replayOnline(
  project: Project,
  folder: string,
  { run, manifest }: { readonly run: string; readonly manifest: RunManifest },
  effects: Effects,
): Promise<Decision["computed"]> {
  const inputs = shaped(OnlineInputs, manifest.inputs, join(folder, "manifest.json"));
  const experiment = await openExperiment(project, inputs.experiment, effects);
  if (digestOf(experiment) !== inputs.experimentSha256)
    throw integrity(
      `evals/experiments/${inputs.experiment}.json`,
      "this is not the experiment that was decided",
    );
  const facts = await readAs(OnlineFacts, join(folder, "facts.json"), effects);
  if (digestOf(facts) !== inputs.factsSha256)
    throw integrity(join(folder, "facts.json"), "the facts were changed");
  const { imports, exposures, until } = inputs;
  const request = { project, experiment, imports, exposures, until, facts, withEffects: true };
  const reading = await readExperiment(request, effects);
  const refs = await onlineRefs(project, { imports, exposures, name: experiment.name, run }, effects);
  return onlineComputed({ experiment, facts, until, ...reading, refs, seed: manifest.seed });
}
