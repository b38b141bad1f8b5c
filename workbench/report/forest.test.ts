import { expect, test } from "vitest";
import type { MetricEffect } from "../schema/decision.ts";
import { forest } from "./forest.ts";

/** A measured share of 60 %, with limits as decisions record them. */
const effect = (more: Partial<MetricEffect>): MetricEffect =>
  ({
    metric: "exact",
    role: "primary",
    better: "higher",
    unit: "share",
    baseline: 0.6,
    candidate: 0.7,
    estimate: 0.1,
    lower: 0.05,
    upper: 0.15,
    passed: true,
    ...more,
  }) as MetricEffect;

/** Where the wide chart draws the zero line, the limit and the dot. */
function drawn(of: MetricEffect): Readonly<Record<"zero" | "limit" | "dot", number>> {
  const [wide = ""] = forest([of]).text.split("forest narrow");
  const at = (pattern: RegExp): number => Number(pattern.exec(wide)?.[1] ?? NaN);
  return {
    zero: at(/<line x1="([\d.]+)"[^>]*class="zero"/),
    limit: at(/<line x1="([\d.]+)"[^>]*class="margin"/),
    dot: at(/<circle cx="([\d.]+)"/),
  };
}

test("a limit stands where the interval must lie right of it: demanded above 0, allowed below", () => {
  const demanded = drawn(effect({ margin: 0.02 }));
  expect(demanded.limit).toBeGreaterThan(demanded.zero);
  expect((demanded.limit - demanded.zero) / (demanded.dot - demanded.zero)).toBeCloseTo(0.2, 1);
  const allowed = drawn(effect({ margin: -0.05 }));
  expect((allowed.limit - allowed.zero) / (allowed.dot - allowed.zero)).toBeCloseTo(-0.5, 1);
});

test("where less is better, right is still better", () => {
  const slower = { metric: "latencyMs.p95", better: "lower", unit: "ms", baseline: 200 } as const;
  const faster = { ...slower, estimate: -20, lower: -30, upper: -10 };
  // 10 ms more are accepted: left of 0. 5 ms less are demanded: right of it.
  const allowed = drawn(effect({ ...faster, margin: 10 }));
  expect(allowed.dot).toBeGreaterThan(allowed.zero);
  expect(allowed.limit).toBeLessThan(allowed.zero);
  expect(drawn(effect({ ...faster, margin: -5 })).limit).toBeGreaterThan(allowed.zero);
});

test("what was not measured has no mark, and without any there is no chart", () => {
  const text = forest([effect({ estimate: null })]).text;
  expect(text).toContain("No effect could be measured");
  expect(text).not.toContain("<svg");
});
