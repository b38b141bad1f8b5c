import { restrictedVariance } from "./tango.ts";

/* The variance of one unit for `unitsNeeded`, `detectable` and `powerAt`, one function a situation. */

/** Paired yes/no: discordance − effect². Worked value: (0.2, 0) is 0.2. */
export function pairedBinaryVariance(discordance: number, effect: number): number {
  return discordance - effect * effect;
}

/**
 * The same under the hypothesis that the difference stands at `limit`, as Tango's test measures it.
 * Worked value: discordance 0.2, no effect, limit −0.05: 0.20704.
 */
export function pairedBinaryNullVariance(discordance: number, effect: number, limit: number): number {
  const wide = Math.max(discordance, Math.abs(effect));
  return restrictedVariance({ plus: (wide + effect) / 2, minus: (wide - effect) / 2, n: 1 }, limit);
}

/** Spread of a paired graded score: between items (of the difference), within an item per arm. */
export interface GradedSpread {
  readonly betweenItems: number;
  readonly withinBaseline: number;
  readonly withinCandidate: number;
  readonly epochsBaseline: number;
  readonly epochsCandidate: number;
}

/** ω² + σA²/KA + σB²/KB over K epochs. Source: Miller 2024. */
export function pairedGradedVariance(spread: GradedSpread): number {
  return (
    spread.betweenItems +
    spread.withinBaseline / spread.epochsBaseline +
    spread.withinCandidate / spread.epochsCandidate
  );
}

/** Two independent proportions, n per arm: pA·qA + pB·qB. Worked value: (0.85, 0.85) is 0.255. */
export function independentBinaryVariance(baseline: number, candidate: number): number {
  return baseline * (1 - baseline) + candidate * (1 - candidate);
}

/** Contrast of two p-quantiles, n per arm: p(1−p)·(1/fA² + 1/fB²), f the densities there. */
export function quantileVariance(p: number, densityBaseline: number, densityCandidate: number): number {
  return p * (1 - p) * (1 / (densityBaseline * densityBaseline) + 1 / (densityCandidate * densityCandidate));
}

/** Factor on n for clusters of mean size m: 1 + (m − 1)·ICC. Worked value: (20, 0.2) is 4.8. */
export function designEffect(meanClusterSize: number, icc: number): number {
  return 1 + (meanClusterSize - 1) * icc;
}

/** Factor on n that a look plan costs. Source: Jennison & Turnbull 2000; sequence by simulation. */
export const looksFactor = {
  fixed: 1,
  "obrien-fleming": 1.03,
  pocock: 1.2,
  "confidence-sequence": 2.5,
} as const;
