import type { Measure } from "../../schema/judge.ts";
import { cohenKappa } from "../../stats/cohen-kappa.ts";
import { normalUpperQuantile } from "../../stats/distribution.ts";
import { isRefused } from "../../stats/refused.ts";
import { wilsonLimits } from "../../stats/wilson.ts";
import type { Labels } from "../types.ts";

/** What a judge and a person said of one answer by one criterion. */
export interface Verdicts {
  readonly judge: string;
  readonly person: string;
}

const ALPHA = 0.025;

/** Pairs what both have labelled; what the judge withheld is not among them. */
export function pairedVerdicts(judge: Labels, person: Labels): readonly Verdicts[] {
  return Object.entries(person).flatMap(([id, label]) => {
    const said = judge[id];
    return said === undefined ? [] : [{ judge: said, person: label }];
  });
}

/**
 * The share of equal verdicts with Wilson's 95 % interval.
 * Worked value: 9 of 10 is 0.9, from 0.596 to 0.982.
 */
export function agreementOf(verdicts: readonly Verdicts[]): Measure {
  const n = verdicts.length;
  if (n === 0) return { estimate: null, lower: null, upper: null, n, why: "no verdicts" };
  const equal = verdicts.filter(({ judge, person }) => judge === person).length;
  const { lower, upper } = wilsonLimits(equal, n, normalUpperQuantile(ALPHA));
  return { estimate: equal / n, lower, upper, n };
}

/** Cohen's κ, plain or with quadratic weights over the grades 0 to 4, with its 95 % interval. */
export function kappaOf(verdicts: readonly Verdicts[], weights: "none" | "quadratic"): Measure {
  const kappa = cohenKappa(
    {
      first: verdicts.map(({ judge }) => judge),
      second: verdicts.map(({ person }) => person),
      weights,
      ...(weights === "none" ? {} : { categories: GRADES }),
    },
    ALPHA,
  );
  if (isRefused(kappa))
    return { estimate: null, lower: null, upper: null, n: verdicts.length, why: kappa.reason };
  return { estimate: kappa.estimate, lower: kappa.lower, upper: kappa.upper, n: kappa.n };
}

const GRADES = ["0", "1", "2", "3", "4"];

/** True where every verdict is a grade, so that a near miss counts less than a far one. */
export const areGrades = (verdicts: readonly Verdicts[]): boolean =>
  verdicts.every(({ judge, person }) => GRADES.includes(judge) && GRADES.includes(person));

/** An answer that both judge and person have given a value. */
export interface Valued {
  readonly characters: number;
  readonly judge: number;
  readonly person: number;
}

/**
 * Mean of judge − person over the longer half of the answers, less that over the shorter half; null
 * where there is no longer half. Worked value: lengths 1 and 9, differences 0 and 0.5: 0.5.
 */
export function lengthBias(answers: readonly Valued[]): number | null {
  const sorted = [...answers].sort((a, b) => a.characters - b.characters);
  const half = Math.floor(sorted.length / 2);
  const [shorter, longer] = [sorted.slice(0, half), sorted.slice(sorted.length - half)];
  if (half === 0 || (shorter.at(-1)?.characters ?? 0) >= (longer[0]?.characters ?? 0)) return null;
  const excess = (of: readonly Valued[]): number =>
    of.reduce((sum, { judge, person }) => sum + judge - person, 0) / of.length;
  return excess(longer) - excess(shorter);
}
