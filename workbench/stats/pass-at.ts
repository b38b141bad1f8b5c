import { badCount } from "./input.ts";
import { refused, type Refused } from "./refused.ts";

/**
 * Chance that at least one of k tries passes, from c passes in n: 1 − C(n−c, k)/C(n, k).
 * Source: Chen et al. 2021. Worked value: `passAt(2, 4, 2)` is 5/6. Refused: k > n, k < 1.
 */
export function passAt(passes: number, tries: number, k: number): number | Refused {
  const bad = badTries(passes, tries, k);
  if (bad) return bad;
  if (tries - passes < k) return 1;
  let allFail = 1;
  for (let i = 0; i < k; i++) allFail *= (tries - passes - i) / (tries - i);
  return 1 - allFail;
}

/**
 * Chance that all of k tries pass, from c passes in n: C(c, k)/C(n, k).
 * Source: Yao et al. 2024 (tau-bench). Worked value: `passHat(2, 4, 2)` is 1/6.
 */
export function passHat(passes: number, tries: number, k: number): number | Refused {
  const bad = badTries(passes, tries, k);
  if (bad) return bad;
  let allPass = 1;
  for (let i = 0; i < k; i++) allPass *= Math.max(0, passes - i) / (tries - i);
  return allPass;
}

function badTries(passes: number, tries: number, k: number): Refused | undefined {
  const bad = badCount(passes, tries, "try");
  if (bad) return bad;
  if (!Number.isSafeInteger(k) || k < 1) return refused(`k must be a whole number from 1, got ${k}`);
  return k > tries ? refused(`k = ${k} but only ${tries} tries`) : undefined;
}
