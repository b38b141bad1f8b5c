import { describe, expect, it } from "vitest";
import { testsBeside } from "./beside.ts";
import { pairItems } from "./pairs.ts";
import { pairedRows, row } from "./testing/rows.ts";

function byName(tests: ReturnType<typeof testsBeside>): Record<string, number | null> {
  return Object.fromEntries(tests.map(({ test, p }) => [test, p]));
}

describe("tests beside the rule", () => {
  it("yes/no answers: McNemar as computed by hand, and the signs permuted", () => {
    const { baseline, candidate } = pairedRows({ both: 40, baselineOnly: 3, candidateOnly: 12, neither: 5 });
    const items = pairItems({ baseline: baseline.rows, candidate: candidate.rows });
    const found = byName(testsBeside(items, "exact", 1));
    // 2·P(Bin(15, ½) ≤ 3) = 2·576/2^15; mid-p leaves out half of both points at 3: 455/2^15.
    expect(found["mcnemar-exact"]).toBeCloseTo(1152 / 32768, 12);
    expect(found["mcnemar-mid-p"]).toBeCloseTo((1152 - 455) / 32768, 12);
    // All 2^15 flips of equal steps are the exact McNemar test again.
    expect(found["sign-flip"]).toBeCloseTo(1152 / 32768, 12);
  });

  it("clusters: signs flip together, and nothing assumes that items stand alone", () => {
    const arm = (name: string, up: number) =>
      Array.from({ length: 12 }, (_, i) => row(i, name, { exact: up }, { cluster: `c${i % 3}` }));
    const items = pairItems({ baseline: arm("baseline", 0), candidate: arm("candidate", 1) });
    const found = byName(testsBeside(items, "exact", 1));
    // Three clusters all up: 2 · 1/2^3.
    expect(found["sign-flip"]).toBe(0.25);
    expect(found).not.toHaveProperty("mcnemar-exact");
    expect(found).not.toHaveProperty("wilcoxon");
  });

  it("a quantile has none; neither has a metric without rows", () => {
    const { baseline, candidate } = pairedRows({ both: 4, baselineOnly: 0, candidateOnly: 0, neither: 0 });
    const items = pairItems({ baseline: baseline.rows, candidate: candidate.rows });
    expect(testsBeside(items, "latencyMs.p95", 1)).toEqual([]);
    expect(testsBeside(items, "absent", 1)).toEqual([]);
  });
});
