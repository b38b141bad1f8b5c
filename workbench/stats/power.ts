import { normalLower, normalUpperQuantile } from "./distribution.ts";
import { refused, type Refused } from "./refused.ts";

/**
 * What a plan rests on. `variance` is that of one unit's contribution (per arm for independent
 * arms: then n is per arm); `distance` is true effect + margin, the way to the boundary.
 */
export interface Plan {
  readonly alpha: number;
  readonly power: number;
  readonly variance: number;
  readonly distance: number;
  /** The variance at the limit, where a score test measures it; default: `variance`. */
  readonly nullVariance?: number;
}

/**
 * Units needed: n = ⌈((z_α·√V₀ + z_β·√V)/Δ)²⌉; with V₀ = V this is (z_α + z_β)²·V/Δ². Source: Chow & Shao; Miller 2024.
 * Worked value (alpha 0.025, power 0.9, distance 0.05): paired binary with 20 % discordance
 * needs 841 items, with 10 % 421, and 859 by Tango's test (V₀ 0.20704); independent arms at p 0.85 need 1,072 each.
 */
export function unitsNeeded({ alpha, power, variance, distance, nullVariance }: Plan): number | Refused {
  const bad = badPlan(alpha, power) ?? badVariance(variance) ?? badVariance(nullVariance ?? variance);
  if (bad) return bad;
  if (!(distance > 0)) return refused("the true effect is at or beyond the margin: no n can show it");
  const [z, zPower] = [normalUpperQuantile(alpha), normalUpperQuantile(1 - power)];
  const reach = z * Math.sqrt(nullVariance ?? variance) + zPower * Math.sqrt(variance);
  return Math.max(2, Math.ceil((reach * reach) / (distance * distance) - 1e-9));
}

/** Smallest distance shown with the given power by n units: (z_α + z_β)·√(V/n). */
export function detectable(plan: Omit<Plan, "distance"> & { readonly n: number }): number | Refused {
  const bad = badPlan(plan.alpha, plan.power) ?? badVariance(plan.variance);
  if (bad) return bad;
  if (!(plan.n >= 1)) return refused(`n must be at least 1, got ${plan.n}`);
  const z = normalUpperQuantile(plan.alpha) + normalUpperQuantile(1 - plan.power);
  return z * Math.sqrt(plan.variance / plan.n);
}

/** Chance that n units decide: Φ(Δ·√(n/V) − z_α). */
export function powerAt(plan: Omit<Plan, "power"> & { readonly n: number }): number | Refused {
  const bad = badPlan(plan.alpha, 0.5) ?? badVariance(plan.variance);
  if (bad) return bad;
  if (!(plan.n >= 1)) return refused(`n must be at least 1, got ${plan.n}`);
  return normalLower(plan.distance * Math.sqrt(plan.n / plan.variance) - normalUpperQuantile(plan.alpha));
}

/** Power of each of G + 1 tests that must all pass, so that together they reach `power`: 1 − β/(G+1). */
export function powerPerTest(power: number, tests: number): number {
  return 1 - (1 - power) / Math.max(1, tests);
}

/**
 * McNemar's test at no margin, by Connor's form: n = [z_α√ψ + z_β√(ψ − Δ²)]²/Δ², ψ the
 * discordance, Δ the effect. Source: Connor, Biometrics 43 (1987).
 * Worked value: ψ 0.2, Δ 0.05, alpha 0.025, power 0.9 need 837 pairs.
 */
export function mcnemarPairsNeeded(
  plan: Omit<Plan, "variance" | "distance"> & { readonly discordance: number; readonly effect: number },
): number | Refused {
  const { alpha, power, discordance, effect } = plan;
  const bad = badPlan(alpha, power);
  if (bad) return bad;
  const size = Math.abs(effect);
  if (!(size > 0)) return refused("an effect of 0 cannot be shown");
  if (!(size <= discordance && discordance <= 1)) {
    return refused(`discordance ${discordance} must lie between the effect ${size} and 1`);
  }
  const spread = Math.sqrt(discordance - size * size);
  const z = normalUpperQuantile(alpha) * Math.sqrt(discordance) + normalUpperQuantile(1 - power) * spread;
  return Math.max(2, Math.ceil((z * z) / (size * size)));
}

function badPlan(alpha: number, power: number): Refused | undefined {
  if (!(alpha > 0 && alpha < 0.5)) return refused(`alpha must lie between 0 and 0.5, got ${alpha}`);
  return power > 0 && power < 1 ? undefined : refused(`power must lie between 0 and 1, got ${power}`);
}

function badVariance(variance: number): Refused | undefined {
  return variance > 0 && Number.isFinite(variance)
    ? undefined
    : refused(`variance must be positive, got ${variance}`);
}
