import { exp, ln, lnGamma } from "./elementary.ts";
import { badCount } from "./input.ts";
import type { ArmCount } from "./newcombe.ts";
import type { Refused } from "./refused.ts";

/** Posterior of two independent rates under flat Beta(1, 1) priors. */
export interface BetaComparison {
  readonly kind: "beta-comparison";
  readonly estimator: string;
  readonly n: number;
  /** P(candidate's rate > baseline's rate). */
  readonly chanceBetter: number;
  /** Expected rate lost if the candidate is chosen: E[max(pA − pB, 0)]. */
  readonly expectedLoss: number;
}

/**
 * P(B > A) and the expected loss by exact finite sums. Shown beside the deciding test, never in
 * its place. Source: E. Miller 2015; Stucchio 2015.
 * Worked value: baseline 1/2, candidate 1/2: chance ½, expected loss 0.1286.
 */
export function betaComparison(baseline: ArmCount, candidate: ArmCount): BetaComparison | Refused {
  const bad =
    badCount(baseline.events, baseline.trials, "baseline trial") ??
    badCount(candidate.events, candidate.trials, "candidate trial");
  if (bad) return bad;
  const a = posterior(baseline);
  const b = posterior(candidate);
  // E[max(A − B, 0)] = E[A]·P(A' > B) − E[B]·P(A > B'), with one success added to the primed.
  const gain = mean(a) * chanceFirstLess(b, { ...a, alpha: a.alpha + 1 });
  const cost = mean(b) * chanceFirstLess({ ...b, alpha: b.alpha + 1 }, a);
  return {
    kind: "beta-comparison",
    estimator: "beta-binomial@1",
    n: baseline.trials + candidate.trials,
    chanceBetter: chanceFirstLess(a, b),
    expectedLoss: Math.max(0, gain - cost),
  };
}

interface Beta {
  readonly alpha: number;
  readonly beta: number;
}

function posterior({ events, trials }: ArmCount): Beta {
  return { alpha: events + 1, beta: trials - events + 1 };
}

function mean({ alpha, beta }: Beta): number {
  return alpha / (alpha + beta);
}

/**
 * P(X < Y) = Σ over i < αY of B(αX+i, βX+βY)/((βY+i)·B(1+i, βY)·B(αX, βX)); each term follows
 * from the one before, in logarithms so that nothing underflows.
 */
function chanceFirstLess(x: Beta, y: Beta): number {
  const both = x.beta + y.beta;
  let term = lnGamma(both) - lnGamma(x.beta) + lnGamma(x.alpha + x.beta) - lnGamma(x.alpha + both);
  let total = 0;
  for (let i = 0; i < y.alpha; i++) {
    total += exp(term);
    term += ln(((x.alpha + i) * (y.beta + i)) / ((x.alpha + both + i) * (1 + i)));
  }
  return Math.min(1, total);
}
