import type { SampleRow } from "../schema/run.ts";
import { refused, type Refused } from "../stats/refused.ts";
import { sumOf } from "../stats/sum.ts";

/** What a number of pairs would cost, judged by what an earlier run cost. */
export interface AskingCost {
  readonly kind: "asking-cost";
  readonly pairs: number;
  readonly usd: number;
  /** Samples of the earlier run that the price per pair stands on. */
  readonly samples: number;
}

/**
 * pairs × the mean cost of one sample in all its arms, epochs and judge calls. Refused when any row
 * has no known price: unknown is not free.
 * Worked value: two samples, each $0.01 in one arm and $0.03 in the other: 500 pairs cost $20.
 */
export function askingCost(rows: readonly SampleRow[], pairs: number): AskingCost | Refused {
  const asked = rows.filter((row) => row.status !== "contaminated");
  const samples = new Set(asked.map((row) => row.sampleId)).size;
  if (samples === 0) return refused("the run asked nothing");
  const unpriced = asked.filter((row) => row.costUsd === null).length;
  if (unpriced > 0) return refused(`${unpriced} of ${asked.length} answers have no known price`);
  const total = sumOf(asked, (row) => (row.costUsd ?? 0) + (row.judgeCostUsd ?? 0));
  return { kind: "asking-cost", pairs, usd: (total / samples) * pairs, samples };
}
