import { curate } from "../curate/curate.ts";
import { declarePolicy, decide } from "../decide/decide.ts";
import type { Decided } from "../decide/decide.ts";
import { registerModel } from "../decide/register.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import type { Evaluation } from "../evaluate/evaluate.ts";
import { loadSuite } from "../evaluate/load.ts";
import { ensurePython } from "../host/python-env.ts";
import { ingest } from "../ingest/ingest.ts";
import { costPageData } from "../decide/cost-page.ts";
import { buildReport } from "../report/build.ts";
import type { Config } from "../schema/config.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { loadConfig } from "../store/config.ts";
import type { Project } from "../store/paths.ts";
import { exportBase } from "../train/export.ts";
import { train } from "../train/start.ts";
import type { TrainReport } from "../train/start.ts";
import { resolveArms } from "./arms.ts";
import { BASE_WEEK, CANDIDATES, DESK_WEEK, EXAMPLE_KEY, QUESTIONS, SFT_WEEK, SUITE } from "./example/plan.ts";
import type { TrafficPlan } from "./example/traffic.ts";
import { makeTraffic } from "./example/traffic.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { StepReport, Watcher } from "./steps.ts";
import { UNWATCHED, stepper } from "./steps.ts";

/** What the loop came to. */
export interface LoopReport {
  readonly steps: readonly StepReport[];
  readonly evaluation: Evaluation;
  readonly decisions: readonly Decided[];
  /** The page to open. */
  readonly index: string;
  /** Digest of all that must repeat: datasets, adapters, answers, scores, verdicts. Nothing of the clock. */
  readonly fingerprint: string;
}

/**
 * The whole loop on this machine: a base model answers simulated users, their corrections train it,
 * careful corrections of the trained model train two more, all four are measured on held-out tickets,
 * and each step up is decided by rules declared first. Nothing is canned; killed anywhere, the same
 * call goes on where it stopped, and finished, it only checks.
 */
export async function start(
  { project, watcher = UNWATCHED }: { readonly project: Project; readonly watcher?: Watcher },
  effects: Effects = realEffects,
): Promise<LoopReport> {
  const config = await loadConfig(project, effects);
  const { step, reports } = stepper(watcher, effects);
  const loop: Loop = { project, config, watcher, effects };

  for (const { policy } of QUESTIONS) await declarePolicy(project, policy, effects);
  await step("python", () => preparePython(loop));
  await step("base traffic", () => traffic(loop, BASE_WEEK));
  const sftData = await step("curate examples", () => curated(loop, "routing-sft"));
  const sft = await step("train sft", () => trained(loop, "tiny-sft"));
  await step("sft traffic", () => traffic(loop, SFT_WEEK));
  const dpoData = await step("curate pairs", () => curated(loop, "routing-dpo"));
  const anchored = await step("train dpo, anchored", () => trained(loop, "tiny-dpo-anchored"));
  await step("one desk's traffic", () => traffic(loop, DESK_WEEK));
  const deskData = await step("curate desk's pairs", () => curated(loop, "routing-dpo-desk"));
  const lossy = await step("train dpo, lossy", () => trained(loop, "tiny-dpo-lossy"));
  const evaluation = await step("evaluate", () => evaluated(loop));
  const decisions = await step("decide", () => decided(loop, evaluation.id));
  const index = await step("report", () => reported(loop));
  const fingerprint = await fingerprintOf(
    { project, datasets: [sftData, dpoData, deskData], runs: [sft, anchored, lossy], evaluation, decisions },
    effects,
  );
  return { steps: reports, evaluation, decisions, index, fingerprint };
}

interface Loop {
  readonly project: Project;
  readonly config: Config;
  readonly watcher: Watcher;
  readonly effects: Effects;
}

type Outcome<T> = Promise<{ readonly value: T; readonly reused: boolean; readonly detail: string }>;

async function preparePython({ project, watcher, effects }: Loop): Outcome<null> {
  let noted = 0;
  const onNote = (note: string): void => watcher.move(++noted, null, note);
  const { python, version, source } = await ensurePython(project, onNote, effects);
  await exportBase({ project, name: "tiny-router", exporter: { python, threads: 1 } }, effects);
  return {
    value: null,
    reused: noted === 0,
    detail: `Python ${version}${source === "named" ? ", as named by WORKBENCH_PYTHON" : ""}`,
  };
}

async function traffic({ project, config, watcher, effects }: Loop, plan: TrafficPlan): Outcome<null> {
  const onProgress = (done: number, total: number): void => watcher.move(done, total, plan.model);
  const made = await makeTraffic({ project, config, plan, onProgress }, effects);
  const { totals } = await ingest(
    { project, config, sources: made.files, label: plan.label, key: EXAMPLE_KEY },
    effects,
  );
  const detail = `${made.interactions} tickets answered by ${plan.model}; ${totals.stored} records stored, ${totals.known} known, ${totals.quarantined} quarantined`;
  return { value: null, reused: made.reused && totals.stored === 0, detail };
}

async function curated({ project, effects }: Loop, definition: string): Outcome<string> {
  const made = await curate({ project, definition }, effects);
  const { train: trainRows, val, test } = made.splits;
  return {
    value: made.digest,
    reused: made.reused,
    detail: `${made.ref}: ${trainRows} train, ${val} val, ${test} test`,
  };
}

async function trained({ project, watcher, effects }: Loop, recipe: string): Outcome<TrainReport> {
  const made = await train(
    {
      project,
      recipe,
      onProgress: ({ phase, step = 0, totalSteps = null, note, loss }) =>
        watcher.move(
          step,
          totalSteps,
          note ?? (typeof loss === "number" ? `${phase}, loss ${loss.toFixed(3)}` : phase),
        ),
    },
    effects,
  );
  const registered = await registerModel({ project, trainRun: made.run }, effects);
  return {
    value: made,
    reused: made.reused,
    detail: `${recipe} → run ${made.run}, model ${registered.version}`,
  };
}

async function evaluated({ project, config, watcher, effects }: Loop): Outcome<Evaluation> {
  const { suite, fileSha256 } = await loadSuite(project, SUITE, effects);
  const sources = { baseline: "tiny-base", ...Object.fromEntries(CANDIDATES.map((name) => [name, name])) };
  const { arms, close } = await resolveArms({ project, config, sources }, effects);
  try {
    const tell = ({ done, planned }: { done: number; planned: number }): void =>
      watcher.move(done, planned, SUITE);
    const value = await evaluate({ project, suite, fileSha256, arms, tell }, effects);
    return {
      value,
      reused: value.unchanged,
      detail: `run ${value.id}: ${value.result.done} answers scored, ${value.result.failed} failed`,
    };
  } finally {
    await close();
  }
}

async function decided({ project, effects }: Loop, evalRun: string): Outcome<readonly Decided[]> {
  const value: Decided[] = [];
  for (const question of QUESTIONS) value.push(await decide({ project, evalRun, ...question }, effects));
  return { value, reused: false, detail: value.map(({ computed }) => computed.verdict).join(", ") };
}

async function reported({ project, effects }: Loop): Outcome<string> {
  const { index, pages, check } = await buildReport(
    { project, costs: await costPageData(project, effects) },
    effects,
  );
  const faults = check.faults.length === 0 ? "" : `, ${check.faults.length} faults`;
  return { value: index, reused: false, detail: `${pages.length} pages${faults}` };
}
