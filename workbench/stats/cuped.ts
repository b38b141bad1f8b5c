import { badValues } from "./input.ts";
import { momentsOf, type Moments } from "./moments.ts";
import { refused, type Refused } from "./refused.ts";
import { sumOf } from "./sum.ts";

/** Outcomes y with the same units' values x from strictly before exposure. */
export interface WithPrePeriod {
  readonly y: readonly number[];
  readonly x: readonly number[];
}

/** Adjusted arms, ready for `welch`, and how much of the variance the pre-period explained. */
export interface Cuped {
  readonly kind: "cuped";
  readonly theta: number;
  readonly baseline: Moments;
  readonly candidate: Moments;
  /** 1 − adjusted/raw variance of the difference. */
  readonly varianceRemoved: number;
}

/**
 * CUPED: y − θ(x − x̄), θ = Σ cov/Σ var pooled within arms, x̄ over both arms.
 * Refused: x constant, lengths that differ. Source: Deng, Xu, Kohavi & Walker 2013.
 */
export function cuped(baseline: WithPrePeriod, candidate: WithPrePeriod): Cuped | Refused {
  for (const arm of [baseline, candidate]) {
    const bad = badValues(arm.y, 2) ?? badValues(arm.x, 2);
    if (bad) return bad;
    if (arm.y.length !== arm.x.length) return refused("outcomes and pre-period differ in length");
  }
  const parts = [baseline, candidate].map(sumsOfProducts);
  const squares = sumOf(parts, (part) => part.xx);
  if (!(squares > 0)) return refused("the pre-period does not vary");
  const theta = sumOf(parts, (part) => part.xy) / squares;
  const all = [...baseline.x, ...candidate.x];
  const centre = sumOf(all, (value) => value) / all.length;
  const adjust = (arm: WithPrePeriod): Moments =>
    momentsOf(arm.y.map((value, i) => value - theta * ((arm.x[i] as number) - centre)));
  const [a, b] = [adjust(baseline), adjust(candidate)];
  const before = momentsOf(baseline.y).variance / a.n + momentsOf(candidate.y).variance / b.n;
  const after = a.variance / a.n + b.variance / b.n;
  if (!(before > 0)) return refused("the outcome does not vary");
  return { kind: "cuped", theta, baseline: a, candidate: b, varianceRemoved: (before - after) / before };
}

function sumsOfProducts({ x, y }: WithPrePeriod): { readonly xx: number; readonly xy: number } {
  const meanX = momentsOf(x).mean;
  const meanY = momentsOf(y).mean;
  return {
    xx: sumOf(x, (value) => (value - meanX) * (value - meanX)),
    xy: sumOf(x, (value, i) => (value - meanX) * ((y[i] as number) - meanY)),
  };
}
