import type { Decision, HealthCheck, MetricEffect, Verdict } from "../schema/decision.ts";
import type { Policy } from "../schema/policy.ts";
import { holm } from "../stats/multiplicity.ts";
import { isRefused } from "../stats/refused.ts";
import { isBeyond } from "./effect.ts";
import type { Reading } from "./reading.ts";
import { flipText, sentenceOf } from "./sentence.ts";

export interface GateInput {
  readonly effects: readonly MetricEffect[];
  readonly slices: Decision["computed"]["slices"];
  readonly health: readonly HealthCheck[];
  readonly policy: Policy;
  /** What is counted: pairs of a suite, or units of an experiment. Default pairs. */
  readonly counted?: "pairs" | "units";
  /** An early look of a plan that allows harm, and only harm, to be read at its bounds. */
  readonly isPlannedLook?: boolean;
}

export interface Gated {
  readonly verdict: Verdict;
  /** Reason codes, the deciding ones first; all of them, not only the first. */
  readonly reasons: readonly string[];
  readonly sentence: string;
  /** What would flip this verdict, nearest first. */
  readonly flip: readonly string[];
}

/**
 * The verdict (decide.md §3), pure, first match wins: unreadable → invalid; harm shown → no-go;
 * every claim proven → go; everything else → inconclusive. CLI, JSON and pages all print this.
 */
export function gate(input: GateInput): Gated {
  const { verdict, reasons } = judge(input);
  return {
    verdict,
    reasons,
    sentence: sentenceOf({ ...input, verdict, reasons }),
    flip: flipText({ ...input, verdict, reasons }),
  };
}

function judge(input: GateInput): Pick<Gated, "verdict" | "reasons"> {
  const failed = input.health.filter((check) => !check.passed);
  const broken = failed.filter((check) => check.severity === "invalid").map((check) => check.code);
  const doubts = unique(
    failed.filter((check) => check.severity === "inconclusive").map((check) => check.code),
  );
  if (broken.length > 0) return { verdict: "invalid", reasons: unique([...broken, ...doubts]) };
  const effects = input.effects.filter((effect) => isFit(effect, doubts));
  // A plan read too early has spent no error on this look: neither harm nor success may be read.
  const isLook = input.isPlannedLook ?? !doubts.includes("look-plan-open");
  const harms = isLook ? harmsIn(effects, input.slices, input.policy) : [];
  // What is shown to harm is not also underpowered.
  const undecided = effects.filter((effect) => !harms.includes(CODE[effect.role]?.(effect) ?? ""));
  const hasPrimary = effects.some((effect) => effect.role === "primary");
  const open = [
    ...(hasPrimary || doubts.length > 0 ? [] : [`no-data:${input.policy.primary.metric}`]),
    ...undecided.flatMap((effect) => openReasons(effect, input.policy)),
    ...unmeasuredVetoes(input),
  ];
  if (harms.length > 0) return { verdict: "no-go", reasons: unique([...harms, ...doubts, ...open]) };
  if (doubts.length > 0 || open.length > 0)
    return { verdict: "inconclusive", reasons: unique([...doubts, ...open]) };
  return { verdict: "go", reasons: [provenClaim(effects, input.policy)] };
}

/** Metrics of an unfit judge are not read at all; `judge-unfit:helpful` names one. */
function isFit(effect: MetricEffect, doubts: readonly string[]): boolean {
  return !doubts.includes(`judge-unfit:${effect.metric}`);
}

const CODE: Readonly<Record<string, (effect: MetricEffect) => string>> = {
  primary: () => "primary-worse",
  guardrail: (effect) => `guardrail-breached:${effect.metric}`,
  floor: (effect) => `below-floor:${effect.metric}`,
  slice: (effect) => `slice-harmed:${effect.slice ?? ""}`,
};

/** The level that p values of rules with different α are brought to. */
const COMMON = 0.025;

/**
 * Harm: an interval wholly on the bad side of where harm begins, and still so when the error is
 * shared by Holm over all rules, since any one of them suffices for a no-go.
 */
function harmsIn(
  effects: readonly MetricEffect[],
  slices: GateInput["slices"],
  policy: Policy,
): readonly string[] {
  const vetoed = slices.filter((slice) => policy.slices.veto.includes(slice.slice));
  const judged = [...effects, ...vetoed.flatMap((slice) => slice.effects)].filter(
    (effect) => effect.harmReading !== null && effect.alpha !== null && CODE[effect.role] !== undefined,
  );
  if (judged.length === 0) return [];
  // Each p is scaled to the common level, so that one Holm serves rules with different α.
  const scaled = judged.map((effect) => Math.min(1, (harmP(effect) * COMMON) / (effect.alpha ?? COMMON)));
  const adjusted = holm(scaled);
  if (isRefused(adjusted)) return [];
  return judged
    .filter((effect, i) => {
      const reading = effect.harmReading as Reading;
      return isBeyond(reading, effect.better) && (adjusted[i] ?? 1) <= COMMON;
    })
    .map((effect) => CODE[effect.role]?.(effect) ?? effect.metric);
}

function harmP(effect: MetricEffect): number {
  const reading = effect.harmReading;
  return (effect.better === "higher" ? reading?.pBelow : reading?.pAbove) ?? 1;
}

/** Refusals that have a reason code of their own; any other is "no data". */
const REFUSALS = ["quantile-n", "zero-variance"];

/** Why a declared rule is not proven; nothing when it is, or when nobody declared it. */
function openReasons(effect: MetricEffect, policy: Policy): readonly string[] {
  if (effect.role === "shown" || effect.passed === true) return [];
  const { metric } = effect;
  if (effect.refused !== null)
    return [`${REFUSALS.find((code) => effect.refused?.startsWith(code) === true) ?? "no-data"}:${metric}`];
  const reasons = [`underpowered:${metric}`];
  if (effect.role === "floor") return reasons;
  if (effect.nNeededAsSeen === null) reasons.push("more-data-unlikely-to-help");
  else if (policy.samples.max !== null && (effect.nNeeded ?? effect.nNeededAsSeen) > policy.samples.max)
    reasons.push("budget-exhausted");
  return reasons;
}

/** A slice that may veto and has nothing to say: a typo in its name must not take its voice away. */
function unmeasuredVetoes({ slices, policy }: GateInput): readonly string[] {
  return slices
    .filter(({ slice, effects }) => policy.slices.veto.includes(slice) && effects.some(({ n }) => n === 0))
    .map(({ slice }) => `no-data:${slice}`);
}

function provenClaim(effects: readonly MetricEffect[], policy: Policy): string {
  const primary = effects.find((effect) => effect.role === "primary");
  // A non-inferior claim whose interval lies wholly above the baseline has shown more than it asked.
  const worst = policy.primary.better === "higher" ? primary?.lower : primary?.upper;
  const isBetter =
    worst !== null && worst !== undefined && (policy.primary.better === "higher" ? worst > 0 : worst < 0);
  return policy.primary.claim === "superior" || isBetter ? "superior" : "non-inferior";
}

function unique(codes: readonly string[]): readonly string[] {
  return [...new Set(codes)];
}
