import { exp, ln } from "./elementary.ts";
import { refused, type Refused } from "./refused.ts";

/** One look at an effect: its estimate and the variance of that estimate. */
export interface Look {
  readonly estimate: number;
  readonly variance: number;
}

/** Likelihood ratio and always-valid p after each look. */
export interface MixtureTest {
  readonly kind: "msprt";
  readonly lnRatios: readonly number[];
  /** Running minimum of 1/Λ: valid whenever one stops. */
  readonly ps: readonly number[];
}

/**
 * Mixture sequential probability ratio test of "effect = 0" with a N(0, τ²) mixture:
 * Λ = √(V/(V+τ²))·exp(δ²τ²/(2V(V+τ²))). Source: Johari, Koomen, Pekelis & Walsh 2022.
 * Worked value: δ 0.1, V 0.001, τ² 0.01 give ln Λ 3.3465 and p 0.0352.
 */
export function mixtureTest(looks: readonly Look[], tauSquared: number): MixtureTest | Refused {
  if (looks.length === 0) return refused("no looks");
  if (!(tauSquared > 0)) return refused(`tau squared must be positive, got ${tauSquared}`);
  const lnRatios: number[] = [];
  const ps: number[] = [];
  let smallest = 1;
  for (const { estimate, variance } of looks) {
    if (!Number.isFinite(estimate) || !(variance > 0))
      return refused("a look has no finite estimate or variance");
    const total = variance + tauSquared;
    const lnRatio = 0.5 * ln(variance / total) + (estimate * estimate * tauSquared) / (2 * variance * total);
    smallest = Math.min(smallest, Math.max(Number.MIN_VALUE, exp(-lnRatio)));
    lnRatios.push(lnRatio);
    ps.push(smallest);
  }
  return { kind: "msprt", lnRatios, ps };
}
