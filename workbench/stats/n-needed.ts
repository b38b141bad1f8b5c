import { normalUpperQuantile } from "./distribution.ts";
import { refused, type Refused } from "./refused.ts";

/** A metric as it stands, oriented so that more is better. */
export interface Standing {
  readonly n: number;
  /** Estimated effect now. */
  readonly estimate: number;
  /** Half the width of the interval that decides, now. */
  readonly halfWidth: number;
  /** Positive; 0 asks for superiority. */
  readonly margin: number;
  readonly alpha: number;
  readonly power: number;
  readonly planned: { readonly n: number; readonly effect: number };
}

/** Total n (not additional) after which the metric decides with the wanted power. */
export interface NeededN {
  readonly kind: "n-needed";
  /** Effect shrunk to the planning value with weight n/(n + n_plan): the one to act on. */
  readonly shrunk: number | Refused;
  readonly asPlanned: number | Refused;
  readonly asSeen: number | Refused;
}

/**
 * n·[(z_α+z_β)/z_α · h/(e+margin)]². Without the power factor, reaching n would be a coin flip.
 * A branch is refused with "more-data-unlikely-to-help" when its effect is at or below −margin.
 * Worked value: n 400, h 0.06, e 0 (seen and planned), margin 0.05, alpha 0.025, power 0.9: 1,576.
 */
export function nNeeded(standing: Standing): NeededN | Refused {
  const { n, estimate, halfWidth, margin, alpha, power, planned } = standing;
  const numbers = [n, estimate, halfWidth, margin, planned.n, planned.effect];
  if (numbers.some((value) => !Number.isFinite(value))) return refused("a figure is not finite");
  if (!(n >= 1 && halfWidth > 0 && margin >= 0 && planned.n >= 0)) {
    return refused("n and half-width must be positive, margin and planned n not negative");
  }
  if (!(alpha > 0 && alpha < 0.5 && power > 0 && power < 1)) return refused("alpha or power out of range");
  const z = normalUpperQuantile(alpha);
  const factor = (z + normalUpperQuantile(1 - power)) / z;
  const at = (effect: number): number | Refused => {
    const distance = effect + margin;
    if (!(distance > 0)) return refused("more-data-unlikely-to-help");
    const ratio = (factor * halfWidth) / distance;
    return Math.ceil(n * ratio * ratio);
  };
  const weight = n / (n + planned.n);
  return {
    kind: "n-needed",
    shrunk: at(weight * estimate + (1 - weight) * planned.effect),
    asPlanned: at(planned.effect),
    asSeen: at(estimate),
  };
}
