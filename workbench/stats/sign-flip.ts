import { binomialDraw } from "./binomial-draw.ts";
import { testOf, type Test } from "./estimate.ts";
import { badValues } from "./input.ts";
import { seeded } from "./random.ts";
import { refused, type Refused } from "./refused.ts";
import { sum } from "./sum.ts";

/** How to draw sign flips beyond the size at which all of them are listed. */
export interface SignFlipPlan {
  readonly seed: string | number;
  readonly draws?: number;
}

const EXACT_UP_TO = 20;

/**
 * Permutation test that differences are symmetric about 0: signs are flipped per item, or per
 * cluster when the caller passes cluster sums. All 2ⁿ flips up to n = 20, else p = (k+1)/(B+1).
 * Zero differences never change the sum and are left out. Statistic: the sum of differences.
 * Source: Phipson & Smyth 2010. Worked value: [1, 2, 3] gives pGreater 1/8.
 */
export function signFlip(differences: readonly number[], plan: SignFlipPlan): Test | Refused {
  const bad = badValues(differences, 2, "difference");
  if (bad) return bad;
  const active = differences.filter((value) => value !== 0);
  if (active.length === 0) return refused("all differences are 0");
  const statistic = sum(active);
  const slack = 1e-12 * sum(active.map(Math.abs));
  const tails =
    active.length <= EXACT_UP_TO ? allFlips(active, statistic, slack) : drawnFlips(active, { plan, slack });
  return testOf({ test: "sign-flip@1", n: differences.length, statistic, nullValue: 0, ...tails });
}

interface Tails {
  readonly pGreater: number;
  readonly pLess: number;
}

/** Every sign pattern in Gray-code order: one addition a pattern. */
function allFlips(values: readonly number[], observed: number, slack: number): Tails {
  const signs = values.map(() => 1);
  const patterns = 2 ** values.length;
  let total = observed;
  let [atLeast, atMost] = [0, 0];
  for (let step = 1; step <= patterns; step++) {
    if (total >= observed - slack) atLeast++;
    if (total <= observed + slack) atMost++;
    const flip = Math.min(values.length - 1, 31 - Math.clz32(step & -step));
    const sign = signs[flip] as number;
    total -= 2 * sign * (values[flip] as number);
    signs[flip] = -sign;
  }
  return { pGreater: atLeast / patterns, pLess: atMost / patterns };
}

/**
 * Random flips: among the m differences of one size, the number that turn out positive is
 * Binomial(m, ½), so binary data cost O(1) a draw instead of O(n).
 */
function drawnFlips(
  values: readonly number[],
  { plan, slack }: { readonly plan: SignFlipPlan; readonly slack: number },
): Tails {
  const random = seeded(plan.seed);
  const draws = plan.draws ?? 10_000;
  const observed = sum(values);
  const sizes = [...countsBySize(values)];
  let [atLeast, atMost] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    let total = 0;
    for (const [size, count] of sizes) {
      const positive = count === 1 ? random.below(2) : binomialDraw(random, count, 0.5);
      total += size * (2 * positive - count);
    }
    if (total >= observed - slack) atLeast++;
    if (total <= observed + slack) atMost++;
  }
  return { pGreater: (atLeast + 1) / (draws + 1), pLess: (atMost + 1) / (draws + 1) };
}

function countsBySize(values: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(Math.abs(value), (counts.get(Math.abs(value)) ?? 0) + 1);
  return counts;
}
