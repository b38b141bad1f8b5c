import { tUpperQuantile } from "./distribution.ts";
import { noncentralTUpper } from "./noncentral-t.ts";
import { refused, type Refused } from "./refused.ts";

/** A t test to plan: `distance` is true effect + margin, `deviation` the SD of one unit (or difference). */
export interface TPlan {
  readonly alpha: number;
  readonly distance: number;
  readonly deviation: number;
  /** One sample or paired: n − 1 df. Two equal arms of n each: 2n − 2 df. */
  readonly arms: 1 | 2;
}

/**
 * One-sided power of the t test with n units (per arm), by the noncentral t.
 * Worked value: n 10, distance 1, deviation 1, one arm, alpha 0.025: 0.8031.
 */
export function tPowerAt(n: number, plan: TPlan): number | Refused {
  const { alpha, distance, deviation, arms } = plan;
  if (!(alpha > 0 && alpha < 0.5)) return refused(`alpha must lie between 0 and 0.5, got ${alpha}`);
  if (!(deviation > 0)) return refused(`deviation must be positive, got ${deviation}`);
  if (!(n >= 2)) return refused(`n must be at least 2, got ${n}`);
  const df = arms * (n - 1);
  const shift = (distance / deviation) * Math.sqrt(n / arms);
  return noncentralTUpper(tUpperQuantile(alpha, df), { df, shift });
}

/** The least n (per arm) that reaches `power`; refused beyond ten million. */
export function tUnitsNeeded(power: number, plan: TPlan): number | Refused {
  if (!(power > 0 && power < 1)) return refused(`power must lie between 0 and 1, got ${power}`);
  if (!(plan.distance > 0)) return refused("the true effect is at or beyond the margin: no n can show it");
  const enough = (n: number): boolean | Refused => {
    const reached = tPowerAt(n, plan);
    return typeof reached === "number" ? reached >= power : reached;
  };
  let high = 2;
  for (; high <= 1e7; high *= 2) {
    const reached = enough(high);
    if (typeof reached !== "boolean") return reached;
    if (reached) break;
  }
  if (high > 1e7) return refused("more than ten million units needed");
  let low = Math.max(2, high / 2);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle) === true) high = middle;
    else low = middle + 1;
  }
  return high;
}
