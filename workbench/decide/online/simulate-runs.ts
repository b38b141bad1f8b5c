import type { Policy } from "../../schema/policy.ts";
import { seeded, type Random } from "../../stats/random.ts";
import { gate } from "../gate.ts";
import { planLook, plannedUnits, type Look, type TakenLook } from "./looks.ts";
import { onlineMetric } from "./metrics.ts";
import type { MetricSums, UnitCounts } from "./readings.ts";
import type { LoggedUnit } from "./simulate-units.ts";
import { harmTrigger } from "./triggers.ts";
import { unitEffects } from "./unit-effect.ts";
import type { UnitEvidence } from "./unit-values.ts";

/** What the candidate does to each metric's mean per call, in smallest units. */
export interface Truth {
  readonly name: string;
  readonly shifts: readonly number[];
  /** Each metric's mean per call without the shift. */
  readonly levels: readonly number[];
}

export interface RunPlan {
  readonly policy: Policy;
  readonly truth: Truth;
  readonly runs: number;
  readonly seed: string;
  readonly unitsPerDay: number;
}

/** What the policy says of a candidate whose truth is known; shares of all runs. */
export interface TruthOutcome {
  readonly name: string;
  readonly go: number;
  readonly noGo: number;
  readonly inconclusive: number;
  /** Median days until a go or a no-go; null when fewer than half of the runs decide. */
  readonly medianDays: number | null;
  /** Share of ramps that the harm trigger takes back. */
  readonly rollback: number;
}

/** Many experiments under one truth. */
export function experimentRuns(units: readonly LoggedUnit[], plan: RunPlan): TruthOutcome {
  const outcomes = Array.from({ length: plan.runs }, (_, run) =>
    oneRun(units, plan, seeded(`${plan.seed}:${run}`)),
  );
  const share = (is: (outcome: Outcome) => boolean): number => outcomes.filter(is).length / plan.runs;
  const days = outcomes
    .filter(({ verdict }) => verdict !== "inconclusive")
    .map((one) => one.days)
    .sort((a, b) => a - b);
  return {
    name: plan.truth.name,
    go: share(({ verdict }) => verdict === "go"),
    noGo: share(({ verdict }) => verdict === "no-go"),
    inconclusive: share(({ verdict }) => verdict === "inconclusive"),
    medianDays: days.length * 2 < plan.runs ? null : (days[Math.floor(days.length / 2)] ?? null),
    rollback: share(({ rolledBack }) => rolledBack),
  };
}

interface Outcome {
  readonly verdict: "go" | "no-go" | "inconclusive";
  readonly days: number;
  readonly rolledBack: boolean;
}

/** Looks of a sequence or hybrid that a run takes, evenly spaced: a person looks about once a day. */
const SEQUENCE_LOOKS = 7;

/** One experiment: units come in, each planned look is read, until it decides or its plan is over. */
function oneRun(
  units: readonly LoggedUnit[],
  { policy, truth, unitsPerDay }: RunPlan,
  random: Random,
): Outcome {
  const looks =
    policy.looks.plan === "group-sequential"
      ? policy.looks.max
      : policy.looks.plan === "fixed"
        ? 1
        : SEQUENCE_LOOKS;
  const lastUnits = Math.max(plannedUnits(policy), Math.ceil((policy.online.minDays * unitsPerDay) / 2));
  const arms = { baseline: new ArmDraw(units, policy), candidate: new ArmDraw(units, policy) };
  const none = { ...truth, shifts: truth.shifts.map(() => 0) };
  const taken: TakenLook[] = [];
  let rolledBack = false;
  let days = 0;
  for (let number = 1; number <= looks; number++) {
    const perArm = Math.ceil((lastUnits * number) / looks);
    arms.baseline.drawTo(perArm, none, random);
    arms.candidate.drawTo(perArm, truth, random);
    days = (2 * perArm) / unitsPerDay;
    const evidence = evidenceOf(arms);
    rolledBack ||= harmTrigger(evidence, countsOf(perArm), { policy, seed: 7 }).beyond !== null;
    const look = planLook(policy, taken, { units: perArm, total: 2 * perArm, days });
    if (look.closed !== null) continue;
    taken.push(look);
    const verdict = judged(evidence, look, policy);
    if (verdict !== "inconclusive") return { verdict, days, rolledBack };
  }
  return { verdict: "inconclusive", days, rolledBack };
}

function judged(evidence: UnitEvidence, look: Look, policy: Policy): Outcome["verdict"] {
  const effects = unitEffects(evidence, { policy, look, seed: 7 });
  const early = {
    check: "the planned look",
    passed: look.early === null,
    detail: look.early ?? "",
    code: "look-plan-open",
    severity: "inconclusive" as const,
  };
  const { verdict } = gate({
    effects,
    slices: [],
    health: [early],
    policy,
    counted: "units",
    isPlannedLook: true,
  });
  return verdict === "invalid" ? "inconclusive" : verdict;
}

function evidenceOf(arms: Readonly<Record<"baseline" | "candidate", ArmDraw>>): UnitEvidence {
  return {
    sums: [...arms.baseline.sums("baseline"), ...arms.candidate.sums("candidate")],
    slices: [],
    quantiles: {},
  };
}

function countsOf(perArm: number): UnitCounts {
  const count = { stage: 50, slice: null, units: perArm, with_rows: perArm, fallbacks: 0 };
  return {
    counts: [
      { ...count, arm: "baseline" },
      { ...count, arm: "candidate" },
    ],
    others: [],
    flaws: {
      exposures: 0,
      units: 2 * perArm,
      crossed: 0,
      repeats: 0,
      astray: 0,
      before_start: 0,
      after_end: 0,
      without_rows: 0,
      only_before: 0,
      days: 0,
      gap_days: 0,
    },
  };
}

/** Units drawn with replacement into one arm, as running sums. */
class ArmDraw {
  private readonly units: readonly LoggedUnit[];
  private readonly fields: readonly string[];
  private drawn = 0;
  /** Per metric: units with it, Σn, Σd, Σn², Σd², Σnd. */
  private readonly totals: number[][];

  constructor(units: readonly LoggedUnit[], policy: Policy) {
    this.units = units;
    this.fields = [policy.primary, ...policy.guardrails].map(({ metric }) => metric);
    this.totals = this.fields.map(() => [0, 0, 0, 0, 0, 0]);
  }

  drawTo(count: number, { shifts, levels }: Truth, random: Random): void {
    for (; this.drawn < count; this.drawn++) {
      const unit = this.units[random.below(this.units.length)] as LoggedUnit;
      this.fields.forEach((field, i) => {
        const d = unit.d[i] ?? 0;
        if (d === 0) return;
        const n = shifted(
          unit.n[i] ?? 0,
          {
            d,
            shift: shifts[i] ?? 0,
            level: levels[i] ?? 0,
            isBinary: onlineMetric(field)?.isBinary ?? false,
          },
          random,
        );
        const total = this.totals[i] as number[];
        [1, n, d, n * n, d * d, n * d].forEach((value, at) => (total[at] = (total[at] ?? 0) + value));
      });
    }
  }

  sums(arm: "baseline" | "candidate"): readonly MetricSums[] {
    return this.fields.map((metric, i) => {
      const [units = 0, n = 0, d = 0, nn = 0, dd = 0, nd = 0] = this.totals[i] ?? [];
      const text = (value: number): string => String(BigInt(Math.round(value)));
      const zero = { p: "0", q: "0", pp: "0", qq: "0", pq: "0", np: "0", nq: "0", dp: "0", dq: "0" };
      return {
        metric,
        stage: 50,
        arm,
        slice: null,
        units: text(units),
        n: text(n),
        d: text(d),
        nn: text(nn),
        dd: text(dd),
        nd: text(nd),
        ...zero,
      };
    });
  }
}

interface Shift {
  readonly d: number;
  readonly shift: number;
  readonly level: number;
  readonly isBinary: boolean;
}

/** A unit under the candidate: right answers are lost, or wrong ones won, as often as moves the mean; numbers move by it. */
function shifted(n: number, { d, shift, level, isBinary }: Shift, random: Random): number {
  if (shift === 0) return n;
  if (!isBinary) return Math.max(0, Math.round(n + d * shift));
  const chance = Math.abs(shift) / (shift < 0 ? level : 1 - level);
  let moved = 0;
  for (let call = shift < 0 ? n : d - n; call > 0; call--) if (random.uniform() < chance) moved++;
  return shift < 0 ? n - moved : n + moved;
}
