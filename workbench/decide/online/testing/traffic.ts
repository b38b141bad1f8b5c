import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyOf } from "../../../ingest/key.ts";
import { seeded, type Random } from "../../../stats/random.ts";
import { replaceFile } from "../../../store/atomic.ts";
import { realEffects, type Effects } from "../../../store/effects.ts";
import { projectAt, type Project } from "../../../store/paths.ts";
import { assign } from "../assign.ts";
import { ingestExposures } from "../exposures.ts";
import { writeSegment } from "./segment.ts";

const KEY = keyOf(Buffer.alloc(32, 7));
const DAY_MS = 86_400_000;
export const START = "2026-11-09T00:00:00.000Z";

/** The real world with a clock that shows `at`. */
export function clockAt(at: string): Effects {
  return {
    ...realEffects,
    now: () => new Date(at),
    env: (name) => (name === "WORKBENCH_ACTOR" ? "ada" : realEffects.env(name)),
  };
}

/** Days after the start, as ISO text. */
export const day = (n: number): string => new Date(Date.parse(START) + n * DAY_MS).toISOString();

/** How each arm behaves. */
export interface ArmNature {
  readonly success: number;
  readonly errors: number;
  readonly latencyMs: number;
  readonly costUsd: number;
}

export interface Traffic {
  readonly seed: string;
  readonly users: number;
  readonly salt: string;
  readonly experiment: string;
  /** Per cent on the candidate from a day on; the last that has begun holds. */
  readonly stages?: readonly { readonly fromDay: number; readonly percent: number }[];
  readonly days?: number;
  /** Days of calls before the start, for CUPED. */
  readonly preDays?: number;
  /** How much users differ from each other; default 0.2 of success. */
  readonly spread?: number;
  readonly baseline?: Partial<ArmNature>;
  readonly candidate?: Partial<ArmNature>;
}

export type Line = Readonly<Record<string, unknown>>;

/** A week of traffic: calls and exposures, as an application would log them. Same seed, same lines. */
export function simulated(traffic: Traffic): {
  readonly calls: readonly Line[];
  readonly exposures: readonly Line[];
} {
  const { days = 7, preDays = 0, spread = 0.2, stages = [{ fromDay: 0, percent: 50 }] } = traffic;
  const random = seeded(traffic.seed);
  const calls: Line[] = [];
  const exposures: Line[] = [];
  const shared: ArmNature = { success: 0.8, errors: 0.01, latencyMs: 800, costUsd: 0.002 };
  for (let i = 0; i < traffic.users; i++) {
    const unit = `user-${String(i).padStart(6, "0")}`;
    const habit = random.uniform();
    const slices = { language: random.uniform() < 0.3 ? "de" : "en" };
    const times = visits(random, { from: -preDays, to: days, perDay: 0.2 + 0.4 * habit });
    for (const at of times) {
      const stage = at < 0 ? undefined : stages.findLast(({ fromDay }) => at >= fromDay);
      const { arm, bucket } =
        stage === undefined
          ? { arm: null, bucket: 0 }
          : assign(unit, { salt: traffic.salt, percent: stage.percent, split: [0.5, 0.5] });
      const nature = { ...shared, ...(arm === "candidate" ? traffic.candidate : traffic.baseline) };
      if (arm !== null && stage !== undefined)
        exposures.push({
          experiment: traffic.experiment,
          unit,
          arm,
          bucket,
          stage: stage.percent,
          at: day(at),
          slices,
        });
      calls.push(call(random, { unit, at, n: calls.length, habit: spread * (habit - 0.5), nature }));
    }
  }
  return { calls, exposures };
}

function visits(
  random: Random,
  { from, to, perDay }: { from: number; to: number; perDay: number },
): number[] {
  const times: number[] = [];
  for (let at = from + random.uniform() / perDay; at < to; at += -Math.log(1 - random.uniform()) / perDay)
    times.push(at);
  return times;
}

interface Call {
  readonly unit: string;
  readonly at: number;
  readonly n: number;
  readonly habit: number;
  readonly nature: ArmNature;
}

function call(random: Random, { unit, at, n, habit, nature }: Call): Line {
  const isError = random.uniform() < nature.errors;
  const isDone = random.uniform() < Math.min(1, nature.success + habit);
  return {
    schema: "workbench/interaction@1",
    source_id: `call-${n}`,
    user_key: unit,
    started_at: new Date(Date.parse(day(at)) + 1).toISOString(),
    status: isError ? "error" : "ok",
    task_completed: isError ? null : isDone,
    latency_ms: Math.round(nature.latencyMs * (0.5 + random.uniform() ** 3 * 3) * 1000) / 1000,
    cost_usd: nature.costUsd * (0.5 + random.uniform()),
    input_tokens: 200 + random.below(100),
    output_tokens: 20 + random.below(30),
    messages: [{ role: "user", content: "Where is my parcel?" }],
    output: [{ role: "assistant", content: "On its way." }],
  };
}

export const POLICY = `schema: workbench/policy@1
name: support-online
question: Can the small model replace the large one?
online: { required: true, unit: user, salt: online-test, minUnits: 400, minDays: 7, prePeriodDays: 0 }
primary: { metric: success, claim: non-inferior, margin: { relative: 0.05 } }
guardrails:
  - { metric: errorRate, better: lower, margin: { points: 0.02 } }
`;

/** A project in a temporary folder with this policy. */
export async function onlineProject(policy: string = POLICY): Promise<Project> {
  const project = projectAt(mkdtempSync(join(tmpdir(), "wb-online-")));
  await replaceFile(project.config, "schema: workbench/config@1\nproject: test\n");
  await replaceFile(join(project.evals, "policies", "support-online.yaml"), policy);
  return project;
}

/** Puts calls and exposures where a real project has them: calls as a segment, exposures through their ingest. */
export async function logTraffic(
  project: Project,
  { calls, exposures }: { readonly calls: readonly Line[]; readonly exposures: readonly Line[] },
  name = "week",
): Promise<void> {
  if (calls.length > 0) await writeSegment(project, calls, KEY.bytes);
  if (exposures.length > 0) {
    const file = join(project.root, `${name}.exposures.jsonl`);
    await replaceFile(file, exposures.map((line) => `${JSON.stringify(line)}\n`).join(""));
    await ingestExposures({ project, sources: [file], key: KEY }, clockAt(day(8)));
  }
}
