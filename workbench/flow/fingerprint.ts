import { join } from "node:path";
import type { Decided } from "../decide/decide.ts";
import type { Evaluation } from "../evaluate/evaluate.ts";
import { digestOf } from "../schema/canonical.ts";
import { SampleRow } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { TrainReport } from "../train/start.ts";

export interface LoopResults {
  readonly project: Project;
  readonly datasets: readonly string[];
  readonly runs: readonly TrainReport[];
  readonly evaluation: Evaluation;
  readonly decisions: readonly Decided[];
}

/**
 * SHA-256 over everything of a loop that must repeat on one machine: dataset digests, run ids and
 * weights, every answer with its scores, every verdict with its reasons and its clock-free effects.
 * Latency and cost of the hour are left out: they are measured, and measured again they differ.
 */
export async function fingerprintOf(
  { project, datasets, runs, evaluation, decisions }: LoopResults,
  effects: Effects,
): Promise<string> {
  const samples = Buffer.from(
    await effects.read(join(project.runs, evaluation.id, "samples.jsonl")),
  ).toString("utf8");
  const answers = samples
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => SampleRow.parse(JSON.parse(line)))
    .map(({ sampleId, arm, epoch, output, scores, status }) => ({
      sampleId,
      arm,
      epoch,
      output,
      scores,
      status,
    }));
  return digestOf({
    datasets,
    // metrics.jsonl is a log with a clock in it; what was learned lies below artifacts/.
    runs: runs.map(({ run, result }) => ({
      run,
      weights: weightsOf(result).map(({ path, sha256 }) => [path, sha256]),
    })),
    answers,
    verdicts: decisions.map(({ computed }) => ({
      verdict: computed.verdict,
      reasons: computed.reasons,
      effects: computed.effects
        .filter(({ metric }) => !/ms/i.test(metric))
        .map(({ metric, estimate, lower, upper, passed }) => ({ metric, estimate, lower, upper, passed })),
    })),
  });
}

function weightsOf({ artifacts }: TrainReport["result"]): TrainReport["result"]["artifacts"] {
  return artifacts.filter(({ path }) => path.startsWith("artifacts/"));
}
