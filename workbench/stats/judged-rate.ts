import { normalUpperQuantile } from "./distribution.ts";
import { estimateOf, type Estimate } from "./estimate.ts";
import { badAlpha, badCount } from "./input.ts";
import type { ArmCount } from "./newcombe.ts";
import { refused, type Refused } from "./refused.ts";

/** What a judge said of one arm, and how it fared on a labelled slice of that same arm. */
export interface JudgedArm {
  /** Positive verdicts of all verdicts. */
  readonly judged: ArmCount;
  /** Truly positive items that the judge called positive. */
  readonly sensitivity: ArmCount;
  /** Truly negative items that the judge called negative. */
  readonly specificity: ArmCount;
}

/**
 * True rate behind a judge's verdicts, (p + sp − 1)/(se + sp − 1), all three errors propagated.
 * Interval of Lang & Reiczigel: z²-adjusted p, one success and one failure added to se and sp, so
 * that a flawless labelled slice still has an error. Cut to [0, 1].
 * Refused: se + sp ≤ 1 (the judge is no better than a coin), no labels of one kind.
 * Source: Rogan & Gladen 1978; Lang & Reiczigel 2014.
 * Worked value: 60 of 100 judged, se 45/50, sp 40/50: rate 0.5714.
 */
export function judgedRate(arm: JudgedArm, alpha: number): Estimate | Refused {
  const bad = badJudge(arm) ?? badAlpha(alpha);
  if (bad) return bad;
  const z = normalUpperQuantile(alpha);
  const square = z * z;
  const n = arm.judged.trials + square;
  const p = (arm.judged.events + square / 2) / n;
  const [se, positives] = [
    (arm.sensitivity.events + 1) / (arm.sensitivity.trials + 2),
    arm.sensitivity.trials + 2,
  ];
  const [sp, negatives] = [
    (arm.specificity.events + 1) / (arm.specificity.trials + 2),
    arm.specificity.trials + 2,
  ];
  const youden = se + sp - 1;
  if (!(youden > 0))
    return refused("sensitivity + specificity is at most 1 after adjustment: the labels are too few");
  const rate = (p + sp - 1) / youden;
  const spread = {
    se: (se * (1 - se)) / positives,
    sp: (sp * (1 - sp)) / negatives,
  };
  const shift = 2 * square * (rate * spread.se - (1 - rate) * spread.sp);
  const variance = (p * (1 - p)) / n + rate * rate * spread.se + (1 - rate) * (1 - rate) * spread.sp;
  const standardError = Math.sqrt(variance) / youden;
  return estimateOf({
    estimator: "judged-rate@1",
    n: arm.judged.trials,
    estimate: cut(corrected(arm)),
    lower: cut(rate + shift - z * standardError),
    upper: cut(rate + shift + z * standardError),
    alpha,
    standardError,
  });
}

/**
 * Difference candidate − baseline of two corrected rates, each judged and labelled on its own
 * arm: the Lang–Reiczigel distances are squared and added, as Newcombe does with Wilson's.
 */
export function judgedDifference(
  baseline: JudgedArm,
  candidate: JudgedArm,
  alpha: number,
): Estimate | Refused {
  const a = judgedRate(baseline, alpha);
  if (a.kind === "refused") return a;
  const b = judgedRate(candidate, alpha);
  if (b.kind === "refused") return b;
  const length = (x: number, y: number): number => Math.sqrt(x * x + y * y);
  const estimate = b.estimate - a.estimate;
  return estimateOf({
    estimator: "judged-difference@1",
    n: a.n + b.n,
    estimate,
    lower: estimate - length(Math.max(0, b.estimate - b.lower), Math.max(0, a.upper - a.estimate)),
    upper: estimate + length(Math.max(0, b.upper - b.estimate), Math.max(0, a.estimate - a.lower)),
    alpha,
    standardError: length(a.standardError ?? 0, b.standardError ?? 0),
  });
}

function corrected({ judged, sensitivity, specificity }: JudgedArm): number {
  const se = sensitivity.events / sensitivity.trials;
  const sp = specificity.events / specificity.trials;
  return (judged.events / judged.trials + sp - 1) / (se + sp - 1);
}

function cut(rate: number): number {
  return Math.min(1, Math.max(0, rate));
}

function badJudge({ judged, sensitivity, specificity }: JudgedArm): Refused | undefined {
  const bad =
    badCount(judged.events, judged.trials, "verdict") ??
    badCount(sensitivity.events, sensitivity.trials, "labelled positive") ??
    badCount(specificity.events, specificity.trials, "labelled negative");
  if (bad) return bad;
  const sum = sensitivity.events / sensitivity.trials + specificity.events / specificity.trials;
  return sum > 1 ? undefined : refused("sensitivity + specificity is at most 1: the judge tells nothing");
}
