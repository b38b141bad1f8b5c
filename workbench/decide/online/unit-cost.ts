import type { CostCard } from "../../schema/decision.ts";
import type { Arm } from "../../schema/experiment.ts";
import type { MetricSums } from "./readings.ts";

type ArmCost = CostCard["baseline"];

/** What each arm's calls cost, as logged; a call without a cost leaves the total blank, never too low. */
export function unitCost(sums: readonly MetricSums[], reworkUsd: number | null): CostCard {
  return {
    baseline: armCost(sums, "baseline", reworkUsd),
    candidate: armCost(sums, "candidate", reworkUsd),
    reworkUsd,
    training: null,
    breakEvenRequests: null,
    pricesSha256: null,
    notes: ["cost as logged with each call, since the units' exposure"],
  };
}

function armCost(sums: readonly MetricSums[], arm: Arm, reworkUsd: number | null): ArmCost {
  const of = (metric: string): { readonly n: number; readonly d: number } => {
    const mine = sums.filter((one) => one.arm === arm && one.metric === metric && one.slice === null);
    const total = (name: "n" | "d"): number => Number(mine.reduce((sum, one) => sum + BigInt(one[name]), 0n));
    return { n: total("n"), d: total("d") };
  };
  const [requests, cost, success] = [of("errorRate").d, of("costUsd"), of("success")];
  const meanUsd = cost.d > 0 ? cost.n / 1e9 / cost.d : null;
  const isPriced = cost.d > 0 && cost.d === requests;
  const isScored = success.d > 0 && success.d === requests;
  const share = success.d > 0 ? success.n / success.d : null;
  return {
    requests,
    pricedRequests: cost.d,
    totalUsd: isPriced ? cost.n / 1e9 : null,
    usdPerThousand: meanUsd === null ? null : meanUsd * 1000,
    successes: isScored ? success.n : null,
    usdPerSuccess: isPriced && isScored && success.n > 0 ? cost.n / 1e9 / success.n : null,
    allInUsdPerTask:
      meanUsd !== null && share !== null && reworkUsd !== null ? meanUsd + (1 - share) * reworkUsd : null,
    judgeUsd: null,
  };
}
