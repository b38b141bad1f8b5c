import type { FloorRule } from "../schema/policy.ts";
import { clusteredMean, clusteredTest } from "../stats/clustered-mean.ts";
import { binomialLower, binomialUpper, normalLower, normalUpper } from "../stats/distribution.ts";
import { clopperPearson } from "../stats/exact-proportion.ts";
import { quantileInterval, quantileUpperLimit } from "../stats/quantile-interval.ts";
import { quantile } from "../stats/ranked.ts";
import { isRefused, type Refused } from "../stats/refused.ts";
import { sum } from "../stats/sum.ts";
import { wilson } from "../stats/wilson.ts";
import type { Reading } from "./reading.ts";
import type { PairedValues } from "./values.ts";

/** The candidate alone against an absolute limit, by the interval that fits the metric. */
export function readFloor(values: PairedValues, rule: FloorRule): Reading | Refused {
  const limit = rule.atLeast ?? rule.atMost ?? 0;
  if (values.quantile !== null) return readQuantileFloor(values, rule, limit);
  if (!values.isBinary) return readMeanFloor(values, rule, limit);
  const right = sum(values.candidate);
  const n = values.candidate.length;
  if (values.clusters !== null) {
    // Whole clusters agree: the exact bound then counts clusters, not items.
    if (right !== 0 && right !== n) return readMeanFloor(values, rule, limit);
    const clusters = new Set(values.clusters).size;
    return readExact(right === 0 ? 0 : clusters, clusters, rule);
  }
  if (right === 0 || right === n) return readExact(right, n, rule);
  const z = (right / n - limit) / Math.sqrt((limit * (1 - limit)) / n);
  const sides = { pAbove: normalUpper(z), pBelow: normalLower(z) };
  return value(wilson(right, n, rule.alpha), limit, Number.isFinite(z) ? sides : null);
}

/** No event, or nothing but events: 0 of 59 shows less than 5 %. */
function readExact(events: number, n: number, rule: FloorRule): Reading | Refused {
  const limit = rule.atLeast ?? rule.atMost ?? 0;
  const isRate = limit >= 0 && limit <= 1;
  const sides = { pAbove: binomialUpper(events, n, limit), pBelow: binomialLower(events, n, limit) };
  return value(clopperPearson(events, n, rule.alpha), limit, isRate ? sides : null);
}

function readMeanFloor(values: PairedValues, rule: FloorRule, limit: number): Reading | Refused {
  const input = { values: values.candidate, clusters: values.clusters ?? undefined };
  const test = clusteredTest(input, limit);
  const sides = isRefused(test) ? null : { pAbove: test.pGreater, pBelow: test.pLess };
  return value(clusteredMean(input, rule.alpha), limit, sides);
}

/** Order statistics; a finite upper limit alone is enough for "at most" (72 values for P95 at 0.025). */
function readQuantileFloor(values: PairedValues, rule: FloorRule, limit: number): Reading | Refused {
  const at = { p: values.quantile ?? 0.5, alpha: rule.alpha };
  const n = values.candidate.length;
  const below = values.candidate.filter((one) => one <= limit).length;
  const p = { pAbove: binomialLower(below, n, at.p), pBelow: binomialUpper(below, n, at.p) };
  const both = quantileInterval(values.candidate, at);
  if (!isRefused(both)) return value(both, limit, p);
  const upper = quantileUpperLimit(values.candidate, at);
  if (isRefused(upper)) return { ...upper, reason: `quantile-n: ${upper.reason}` };
  return {
    on: "value",
    estimator: "order-statistic@1",
    estimate: quantile(values.candidate, at.p) as number,
    lower: null,
    upper,
    limit,
    ...p,
  };
}

function value(
  interval: ReturnType<typeof wilson>,
  limit: number,
  p: { readonly pAbove: number; readonly pBelow: number } | null,
): Reading | Refused {
  if (isRefused(interval)) return interval;
  const { estimator, estimate, lower, upper } = interval;
  return {
    on: "value",
    estimator,
    estimate,
    lower,
    upper,
    limit,
    pAbove: p?.pAbove ?? null,
    pBelow: p?.pBelow ?? null,
  };
}
