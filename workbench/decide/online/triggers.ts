import type { HealthCheck } from "../../schema/decision.ts";
import type { Policy } from "../../schema/policy.ts";
import { confidenceSequence } from "../../stats/confidence-sequence.ts";
import { binomialUpper, normalUpper } from "../../stats/distribution.ts";
import { isRefused } from "../../stats/refused.ts";
import { sampleRatioSequential } from "../../stats/sample-ratio.ts";
import { isBeyond, isInside } from "../effect.ts";
import { metricName } from "../metric.ts";
import { distance, type Distance } from "../reading.ts";
import { harmDistance, marginText, passDistance } from "../rule.ts";
import { plannedUnits } from "./looks.ts";
import { onlineMetric } from "./metrics.ts";
import type { UnitCounts } from "./readings.ts";
import { strataOf } from "./strata.ts";
import type { UnitEvidence } from "./unit-values.ts";
import { unitsOf } from "./unit-health.ts";
import { readUnits, type UnitValues } from "./unit-reading.ts";

/** Calls of the candidate's units in five minutes, and how many of them failed. */
export interface Window {
  readonly at: string;
  readonly calls: number;
  readonly errors: number;
}

/** Error of each window's test: one in 100 000 windows of a healthy candidate, once a year. */
const WINDOW_ALPHA = 1e-5;

/**
 * The health trigger: a window in which the candidate failed more often than the ceiling allows, by the
 * exact binomial. Worked value: 12 of 40 calls at a ceiling of 5 % (p 1.2e-7) fires, 8 of 40 does not.
 */
export function healthTrigger(windows: readonly Window[], { rollout }: Policy): string | null {
  const bad = windows.find(
    ({ calls, errors }) => errors > 0 && binomialUpper(errors, calls, rollout.errorCeiling) < WINDOW_ALPHA,
  );
  return bad === undefined
    ? null
    : `${bad.errors} of ${bad.calls} calls failed in the five minutes from ${bad.at} (ceiling ${rollout.errorCeiling * 100} %)`;
}

/** What the harm trigger saw. */
export interface Harm {
  /** Worse than its margin, at every look at once: the ramp goes back. */
  readonly beyond: string | null;
  /** Worse than the baseline, at every look at once: the ramp waits. */
  readonly worse: string | null;
}

/** Error of all harm triggers together, over all looks. */
const HARM_ALPHA = 0.05;

/**
 * The harm trigger: one-sided confidence sequences of the degradation, the error shared by the rules, so
 * that a ramp may be watched every minute of its life. It reads nothing in favour of the candidate.
 */
export function harmTrigger(
  evidence: UnitEvidence,
  counts: UnitCounts,
  { policy, seed }: { readonly policy: Policy; readonly seed: number },
): Harm {
  const rules = triggerRules(policy);
  const { total } = unitsOf(counts.counts, policy.online.split);
  const level = sequenceLevel(total, HARM_ALPHA / rules.length, 2 * plannedUnits(policy));
  if (level === null) return { beyond: null, worse: null };
  const found = rules.map(({ metric, better, limit }) => {
    const values = valuesOf(evidence, metric);
    if (values === null) return { beyond: null, worse: null };
    const isWorse = (at: Distance): boolean => {
      const reading = readUnits(values, at, { level, seed });
      return !isRefused(reading) && isBeyond(reading, better);
    };
    const text = `${metric} is worse than the baseline`;
    return {
      beyond: isWorse(limit) ? `${text} by more than ${limitText(limit, values)}` : null,
      worse: isWorse({ kind: "points", amount: 0 }) ? text : null,
    };
  });
  const first = (name: keyof Harm): string | null =>
    found.map((one) => one[name]).find((text) => text !== null) ?? null;
  return { beyond: first("beyond"), worse: first("worse") };
}

function limitText({ kind, amount }: Distance, { metric }: UnitValues): string {
  const size = Math.abs(amount);
  return marginText(kind === "relative" ? { relative: size } : { points: size }, metric.unit);
}

interface TriggerRule {
  readonly metric: string;
  readonly better: "higher" | "lower";
  readonly limit: Distance;
}

function triggerRules({ primary, guardrails, rollout }: Policy): readonly TriggerRule[] {
  if (rollout.triggers !== null)
    return rollout.triggers.map(({ metric, better, margin }) => ({
      metric,
      better,
      limit: distance(margin, better === "higher" ? -1 : 1),
    }));
  return [primary, ...guardrails].map((rule) => ({
    metric: rule.metric,
    better: rule.better,
    limit: harmDistance(rule),
  }));
}

/** The one-sided level at which an ordinary interval is the confidence sequence's. */
function sequenceLevel(total: number, alpha: number, tightAt: number): number | null {
  const unit = confidenceSequence({ n: total, mean: 0, deviation: 1 }, { alpha, tightAt });
  return isRefused(unit) ? null : normalUpper(unit.upper * Math.sqrt(total));
}

/** True when the primary metric's estimate lies inside its margin; null when there is none. Never a reason to promote. */
export function trendOf(
  evidence: UnitEvidence,
  { policy, seed }: { readonly policy: Policy; readonly seed: number },
): boolean | null {
  const values = valuesOf(evidence, policy.primary.metric);
  if (values === null) return null;
  const reading = readUnits(values, passDistance(policy.primary), { level: 0.025, seed });
  if (isRefused(reading)) return null;
  const { estimate } = reading;
  return isInside({ ...reading, lower: estimate, upper: estimate }, policy.primary.better);
}

function valuesOf(evidence: UnitEvidence, metric: string): UnitValues | null {
  const { field, quantile } = metricName(metric);
  const known = onlineMetric(field);
  if (known === null) return null;
  const arms = quantile === null ? null : (evidence.quantiles[metric] ?? null);
  return { metric: known, strata: strataOf(evidence.sums, field), quantile, arms };
}

/**
 * The validity trigger: what makes numbers unreadable. The sample ratio is watched by the sequential
 * test, valid at any number of looks; the other checks are counts that must be 0.
 */
export function validityTrigger(
  checks: readonly HealthCheck[],
  { counts }: UnitCounts,
  { online, health }: Policy,
): string | null {
  const watched = checks.filter(
    ({ code, passed }) =>
      !passed && !["srm", "too-few-clusters", "few-clusters", "rolled-back"].includes(code),
  );
  const whole = counts.filter(({ slice, stage }) => slice === null && stage <= 100 * online.split[1] + 1e-9);
  const units = (arm: string): number =>
    whole.filter((one) => one.arm === arm).reduce((sum, one) => sum + one.units, 0);
  const ratio = sampleRatioSequential([units("baseline"), units("candidate")], online.split);
  const isOff = !isRefused(ratio) && ratio.p < health.srm;
  const texts = watched.map(({ detail, code }) => `${detail} (${code})`);
  if (isOff) texts.push(`${units("baseline")} and ${units("candidate")} units (srm)`);
  return texts.length === 0 ? null : texts.join("; ");
}
