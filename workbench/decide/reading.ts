import type { Margin } from "../schema/policy.ts";
import { normalLower, normalUpper } from "../stats/distribution.ts";
import type { Estimate, Test } from "../stats/estimate.ts";
import { pairedCounts } from "../stats/paired-counts.ts";
import { pairedMeanDifference, pairedMeanTest } from "../stats/paired-graded.ts";
import { pairedRatioInterval, pairedRatioTest } from "../stats/paired-ratio.ts";
import { quantileContrast } from "../stats/quantile-contrast.ts";
import { isRefused, refused, type Refused } from "../stats/refused.ts";
import { tangoInterval, tangoTest } from "../stats/tango.ts";
import type { PairedValues } from "./values.ts";

/**
 * What the gate reads of a metric: an interval and the limit it is held against, on one scale. A
 * relative margin is judged on the ratio or on candidate − k·baseline, never by dividing means.
 */
export interface Reading {
  readonly on: "difference" | "ratio" | "contrast" | "value";
  readonly estimator: string;
  readonly estimate: number;
  /** Null is "no finite limit on this side". */
  readonly lower: number | null;
  readonly upper: number | null;
  readonly limit: number;
  /** One-sided p that the truth lies above, or below, the limit; null where only an interval exists. */
  readonly pAbove: number | null;
  readonly pBelow: number | null;
}

/** A signed distance to the baseline in the metric's own direction: −0.05 is "may fall by 5 points". */
export interface Distance {
  readonly kind: "points" | "relative";
  readonly amount: number;
}

/** `toward` +1 when the metric may only be above baseline + margin·direction, and so on. */
export function distance(margin: Margin, sign: 1 | -1): Distance {
  return margin.relative === undefined
    ? { kind: "points", amount: zero(sign * (margin.points ?? 0)) }
    : { kind: "relative", amount: zero(sign * margin.relative) };
}

/** Negative zero would print as "-0" and hash apart from 0. */
function zero(value: number): number {
  return value === 0 ? 0 : value;
}

export interface ReadOptions {
  readonly alpha: number;
  readonly seed: number;
}

/** Reads paired values against a distance by the estimator that fits them (decide.md §2). */
export function read(values: PairedValues, at: Distance, options: ReadOptions): Reading | Refused {
  if (values.baseline.length === 0) return refused("no complete pair has this metric");
  if (values.quantile !== null) return readQuantile(values, at, options);
  if (values.isBinary && values.clusters === null) return readBinary(values, at, options);
  const agreeing = wholeAgreement(values);
  return agreeing === null ? readGraded(values, at, options) : readBinary(agreeing, at, options);
}

/**
 * 0/1 answers that are the same in both arms everywhere have no spread to measure, and yet 0 of 300
 * is evidence: they are read as one pair per cluster, which claims the least.
 */
function wholeAgreement(values: PairedValues): PairedValues | null {
  const { baseline, candidate, clusters } = values;
  const isSame = baseline.every((a, i) => (a === 0 || a === 1) && a === candidate[i]);
  if (!isSame) return null;
  const first = new Set<string>();
  const kept = baseline.filter((_, i) => {
    const name = clusters?.[i] ?? `${i}`;
    return first.has(name) ? false : first.add(name);
  });
  return { ...values, baseline: kept, candidate: kept, clusters: null };
}

function readBinary(
  values: Pick<PairedValues, "baseline" | "candidate">,
  at: Distance,
  { alpha }: ReadOptions,
): Reading | Refused {
  const counts = pairedCounts(values.baseline, values.candidate);
  if (isRefused(counts)) return counts;
  if (at.kind === "points" || at.amount === 0) {
    const interval = tangoInterval(counts, alpha);
    return reading("difference", interval, tangoTest(counts, at.amount), at.amount);
  }
  const limit = 1 + at.amount;
  return reading("ratio", pairedRatioInterval(counts, alpha), pairedRatioTest(counts, limit), limit);
}

function readGraded(values: PairedValues, at: Distance, { alpha }: ReadOptions): Reading | Refused {
  if (values.baseline.length > 1 && values.baseline.every((a, i) => a === values.candidate[i]))
    return refused("both arms have the same value on every pair: there is no spread to measure");
  const scores = {
    baseline: values.baseline,
    candidate: values.candidate,
    clusters: values.clusters ?? undefined,
  };
  const isRelative = at.kind === "relative" && at.amount !== 0;
  const ratio = isRelative ? 1 + at.amount : 1;
  const limit = isRelative ? 0 : at.amount;
  const interval = pairedMeanDifference(scores, alpha, ratio);
  return reading(
    isRelative ? "contrast" : "difference",
    interval,
    pairedMeanTest(scores, limit, ratio),
    limit,
  );
}

/** q(candidate) − k·q(baseline) by a bootstrap that draws the same clusters of pairs in both arms. */
function readQuantile(values: PairedValues, at: Distance, { alpha, seed }: ReadOptions): Reading | Refused {
  const isRelative = at.kind === "relative" && at.amount !== 0;
  const ratio = isRelative ? 1 + at.amount : 1;
  const limit = isRelative ? 0 : at.amount;
  const clusters = values.clusters ?? undefined;
  const interval = quantileContrast({
    baseline: { values: values.baseline, clusters },
    candidate: { values: values.candidate, clusters },
    p: values.quantile ?? 0.5,
    ratio,
    paired: true,
    alpha,
    seed,
    replicates: REPLICATES,
  });
  if (isRefused(interval)) return interval;
  const found = reading(isRelative ? "contrast" : "difference", interval, null, limit);
  if (isRefused(found) || interval.standardError === undefined) return found;
  const z = (interval.estimate - limit) / interval.standardError;
  return { ...found, pAbove: normalUpper(z), pBelow: normalLower(z) };
}

const REPLICATES = 2_000;

function reading(
  on: Reading["on"],
  interval: Estimate | Refused,
  test: Test | Refused | null,
  limit: number,
): Reading | Refused {
  if (isRefused(interval)) return interval;
  const { estimator, estimate, lower, upper } = interval;
  // A test is refused where the data agree wholly (0/0): the interval then says all there is.
  const tails = test === null || isRefused(test) ? null : test;
  return {
    on,
    estimator,
    estimate,
    lower,
    upper,
    limit,
    pAbove: tails?.pGreater ?? null,
    pBelow: tails?.pLess ?? null,
  };
}
