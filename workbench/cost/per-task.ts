import { refused, type Refused } from "../stats/refused.ts";

/** What an arm spent, in whole pico-USD, and what came of it. */
export interface Spend {
  readonly picoUsd: bigint;
  readonly requests: number;
  readonly successes: number;
}

/** Total cost over successes, in USD. Worked value: $0.010 a request at 90 % is $0.0111 a success. */
export function usdPerSuccess({ picoUsd, successes }: Spend): number | Refused {
  return successes > 0 ? Number(picoUsd) / 1e12 / successes : refused("no task succeeded");
}

/**
 * Mean cost + (1 − success)·rework, in USD a task: what a task costs when failures are repaired by
 * someone. Worked values: $0.010 at 90 % with $0.04 rework is 0.014; $0.003 at 70 % is 0.015, dearer
 * though 2.6 times cheaper per success.
 */
export function allInUsdPerTask(
  { picoUsd, requests, successes }: Spend,
  reworkUsd: number,
): number | Refused {
  if (requests < 1) return refused("no requests");
  return Number(picoUsd) / 1e12 / requests + (1 - successes / requests) * reworkUsd;
}

/**
 * Requests after which a one-off is earned back by the saving of each, rounded up; "never" when
 * nothing is saved. Worked value: $18.40 at a saving of $0.00318 a request: 5,787.
 */
export function breakEvenRequests(oneOffUsd: number, savingUsdPerRequest: number): number | "never" {
  if (oneOffUsd <= 0) return 0;
  if (!(savingUsdPerRequest > 0)) return "never";
  return Math.ceil(oneOffUsd / savingUsdPerRequest);
}
