import { expect, it } from "vitest";
import { healthChecks } from "./health.ts";
import { pairItems } from "./pairs.ts";
import { pairedRows, policy } from "./testing/rows.ts";

it("a policy of another suite is told which score is missing, and which are there", () => {
  const evidence = pairedRows({ both: 10, baselineOnly: 0, candidateOnly: 5, neither: 5 });
  const rules = policy({ primary: { metric: "quality", claim: "superior" }, guardrails: [] });
  const checks = healthChecks(
    evidence,
    pairItems({ baseline: evidence.baseline.rows, candidate: evidence.candidate.rows }),
    rules,
  );
  expect(checks).toContainEqual({
    check: "no unequal loss",
    passed: false,
    detail: "the policy's primary metric quality is in no row of either arm: the scores are exact, queue",
    code: "unequal-loss",
    severity: "invalid",
  });
});
