import { expect, it } from "vitest";
import type { EvalResult } from "../schema/run.ts";
import type { Policy } from "../schema/policy.ts";
import type { Evidence } from "./health.ts";
import { contextChecks } from "./facts.ts";

const result = (promptsDiffer: number) =>
  ({
    notRun: 0,
    arms: [],
    suite: { primary: "exact" },
    pairing: { complete: 10, planned: 10, promptsDiffer },
  }) as unknown as EvalResult;

const checksOf = (results: readonly EvalResult[], plan = "fixed") =>
  contextChecks({
    evidence: { baseline: { rows: [], arm: {} }, candidate: { rows: [], arm: {} } } as unknown as Evidence,
    results,
    opening: { suite: "s", samples: "i", baseline: "b", candidate: "c", lineage: null, policy: "p" },
    policy: {
      candidates: 1,
      samples: { min: 0 },
      primary: { metric: "exact" },
      guardrails: [],
      looks: { plan },
    } as unknown as Policy,
    ranFor: null,
    before: [],
  });

it("arms that were asked different prompts make a comparison invalid", () => {
  expect(checksOf([result(0)]).map(({ code }) => code)).not.toContain("pairing-broken");
  expect(checksOf([result(0), result(3)])).toContainEqual({
    check: "the same questions",
    passed: false,
    detail: "3 pairs whose prompts differ between the arms",
    code: "pairing-broken",
    severity: "invalid",
  });
});

it("recorded answers are read once, and a policy with looks is told so", () => {
  const said = (plan: string) =>
    checksOf([result(0)], plan).find(({ check }) => check === "the planned look")?.detail;
  expect(said("fixed")).toBe("complete");
  expect(said("group-sequential")).toBe(
    "complete, read once: the policy's looks (group-sequential) are for live traffic",
  );
});
