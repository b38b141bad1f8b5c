import { describe, expect, it } from "vitest";
import { simulationError } from "../../stats/testing/coverage-cells.ts";
import { seeded } from "../../stats/random.ts";
import { policy } from "../testing/rows.ts";
import { characteristics, type Scenario } from "./characteristics.ts";
import { drawItems } from "./draw-items.ts";
import { truthOf } from "./truth.ts";

const SIMULATIONS = 400;
const planned = policy({
  primary: { metric: "exact", claim: "superior" },
  guardrails: [
    { metric: "queue", margin: { points: 0.05 }, discordance: 0.1 },
    { metric: "errorRate", better: "lower", margin: { points: 0.02 }, discordance: 0.02 },
  ],
  planning: { power: 0.9, effect: 0.1, discordance: 0.3 },
});

describe("what a policy does to candidates whose truth is known", () => {
  const found = characteristics(planned, { simulations: SIMULATIONS });
  const by = (name: string): Scenario => {
    const scenario = found.scenarios.find((one) => one.name === name);
    if (!scenario) throw new Error(`no scenario ${name}`);
    return scenario;
  };

  it("lets no candidate at a limit through more often than alpha", () => {
    for (const metric of ["exact", "queue", "errorRate"]) {
      const { outcomes, goAtMost } = by(`${metric} at its limit`);
      const alpha = goAtMost ?? 0;
      expect(outcomes.go, metric).toBeLessThanOrEqual(alpha + 3.5 * simulationError(alpha, SIMULATIONS));
    }
  });

  it("has the planned power at the planned number of pairs, over all rules together", () => {
    expect(by("as hoped").outcomes.go).toBeGreaterThan(0.9 - 3.5 * simulationError(0.9, SIMULATIONS));
  });

  it("loses that power with a quarter of the pairs", () => {
    const few = characteristics(planned, { simulations: 200, pairs: Math.ceil(found.pairs / 4) });
    expect(few.scenarios.at(-1)?.outcomes.go).toBeLessThan(0.7);
  });

  it("adds up, and repeats", () => {
    for (const { outcomes } of found.scenarios)
      expect(outcomes.go + outcomes.noGo + outcomes.inconclusive).toBeCloseTo(1, 12);
    const again = characteristics(planned, { simulations: 50 });
    expect(characteristics(planned, { simulations: 50 })).toEqual(again);
  });

  it("hopes for nothing where a superior claim names no effect", () => {
    const blind = policy({ planning: { effect: null } });
    const names = characteristics(blind, { simulations: 2 }).scenarios.map(({ name }) => name);
    expect(names).not.toContain("as hoped");
  });
});

describe("drawn items", () => {
  it("follow their truths: answers at their rates, amounts at their contrast", () => {
    const rules = policy({
      primary: { metric: "success", claim: "non-inferior", margin: { relative: 0.05 } },
      guardrails: [{ metric: "latencyMs.p95", better: "lower", margin: { relative: 0.1 } }],
      planning: { baseline: 0.7, discordance: 0.2 },
    });
    const truths = [rules.primary, ...rules.guardrails].map((rule) => truthOf(rule, "at its limit", rules));
    const items = drawItems(seeded("draw"), truths, 40_000);
    const share = (side: "baseline" | "candidate"): number =>
      items.filter((item) => item[side][0]?.success).length / items.length;
    expect(share("baseline")).toBeCloseTo(0.7, 1.5);
    expect(share("candidate")).toBeCloseTo(0.7 * 0.95, 1.5);
    const differ = items.filter((item) => item.baseline[0]?.success !== item.candidate[0]?.success);
    expect(differ.length / items.length).toBeCloseTo(0.2, 1.5);
    const logs = (side: "baseline" | "candidate"): number =>
      items.reduce((total, item) => total + Math.log(item[side][0]?.latencyMs ?? 0), 0) / items.length;
    expect(Math.exp(logs("candidate") - logs("baseline"))).toBeCloseTo(1.1, 1.5);
  });
});
