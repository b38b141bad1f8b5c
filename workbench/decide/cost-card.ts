import { allInUsdPerTask, breakEvenRequests, usdPerSuccess } from "../cost/per-task.ts";
import { picoOf, usdOf } from "../cost/price.ts";
import type { ArmCost, CostCard } from "../schema/decision.ts";
import { digestOf } from "../schema/canonical.ts";
import type { ArmRef, SampleRow } from "../schema/run.ts";
import { isRefused, type Refused } from "../stats/refused.ts";
import type { Evidence } from "./health.ts";
import { pricesOf } from "./health.ts";

/** What training the candidate cost, as its run recorded it. */
export interface TrainingCost {
  readonly usd: number | null;
  readonly seconds: number | null;
}

/**
 * The money side of a comparison. Amounts are summed in whole pico-USD, so that parts equal totals;
 * an arm with even one unpriced request has no total, because unknown is not free.
 */
export function costCard(
  { baseline, candidate }: Evidence,
  training: TrainingCost | null,
  reworkUsd: number | null,
): CostCard {
  const a = armCost(baseline.rows, reworkUsd);
  const b = armCost(candidate.rows, reworkUsd);
  const notes: string[] = [];
  for (const [arm, cost] of [
    [baseline.arm.arm, a],
    [candidate.arm.arm, b],
  ] as const)
    if (cost.pricedRequests < cost.requests)
      notes.push(
        `${cost.requests - cost.pricedRequests} of ${cost.requests} requests of ${arm} have no known price`,
      );
  if (reworkUsd === null) notes.push("the policy names no rework cost: all-in cost is left blank");
  if (training?.usd === null) notes.push("the training run has no known cost: break-even is left blank");
  const isKnown =
    a.usdPerThousand !== null && b.usdPerThousand !== null && training !== null && training.usd !== null;
  const saving = ((a.usdPerThousand ?? 0) - (b.usdPerThousand ?? 0)) / 1000;
  return {
    baseline: a,
    candidate: b,
    reworkUsd,
    training: training === null ? null : { ...training },
    breakEvenRequests: isKnown ? breakEvenRequests(training.usd, saving) : null,
    pricesSha256: pricesDigest(baseline.arm, candidate.arm),
    notes: [...new Set(notes)],
  };
}

/** One digest for the prices of both arms; null when neither was priced. */
function pricesDigest(baseline: ArmRef, candidate: ArmRef): string | null {
  const both = [pricesOf(baseline), pricesOf(candidate)];
  return both.every((prices) => prices === null) ? null : digestOf(both);
}

function armCost(rows: readonly SampleRow[], reworkUsd: number | null): ArmCost {
  const asked = rows.filter((row) => row.status !== "contaminated");
  const priced = asked.filter((row) => row.costUsd !== null);
  const isWhole = asked.length > 0 && priced.length === asked.length;
  const picoUsd = priced.reduce((sum, row) => sum + picoOf(row.costUsd ?? 0), 0n);
  const judged = asked.filter((row) => row.judgeCostUsd !== null);
  const judgePico = judged.reduce((sum, row) => sum + picoOf(row.judgeCostUsd ?? 0), 0n);
  const known = asked.filter((row) => row.success !== null);
  const successes = known.length === 0 ? null : known.filter((row) => row.success).length;
  const spend = { picoUsd, requests: asked.length, successes: successes ?? 0 };
  const isCounted = isWhole && successes !== null;
  return {
    requests: asked.length,
    pricedRequests: priced.length,
    totalUsd: isWhole ? usdOf(picoUsd) : null,
    usdPerThousand: isWhole ? (usdOf(picoUsd) / asked.length) * 1000 : null,
    successes,
    usdPerSuccess: isCounted ? orNull(usdPerSuccess(spend)) : null,
    allInUsdPerTask: isCounted && reworkUsd !== null ? orNull(allInUsdPerTask(spend, reworkUsd)) : null,
    judgeUsd: judged.length === 0 ? null : usdOf(judgePico),
  };
}

function orNull(value: number | Refused): number | null {
  return isRefused(value) ? null : value;
}
