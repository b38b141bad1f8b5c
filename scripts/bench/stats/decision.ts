import { compare } from "../../../workbench/decide/compare.ts";
import { arm, policy, row } from "../../../workbench/decide/testing/rows.ts";
import { seeded } from "../../../workbench/stats/random.ts";
import { timed, type Timing } from "./resampling.ts";

export interface DecisionTiming {
  readonly name: string;
  readonly timing: Timing;
}

/** A whole comparison under a policy with a tail-latency guardrail, from rows in memory to the verdict. */
export async function benchDecision(): Promise<readonly DecisionTiming[]> {
  const random = seeded("decision");
  const rows = (name: string, rate: number) =>
    Array.from({ length: 10_000 }, (_, i) =>
      row(
        i,
        name,
        { exact: random.uniform() < rate ? 1 : 0, queue: random.uniform() < 0.95 ? 1 : 0 },
        { latencyMs: 100 * (1 + random.uniform()) },
      ),
    );
  const evidence = {
    baseline: arm("baseline", rows("baseline", 0.8)),
    candidate: arm("candidate", rows("candidate", 0.82)),
  };
  const rules = policy({
    guardrails: [
      { metric: "queue", margin: { points: 0.05 } },
      { metric: "latencyMs.p95", better: "lower", margin: { relative: 0.05 } },
    ],
  });
  const timing = timed(() => {
    const plan = { evidence, policy: rules, seed: 1, context: [], training: null };
    if (compare(plan).verdict === "invalid") throw new Error("the evidence should be readable");
  });
  return [{ name: "a decision on 10,000 pairs: three rules, slices, a P95 guardrail, flips", timing }];
}
