import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HealthCheck, MetricEffect } from "../schema/decision.ts";
import { normalLower, normalUpper } from "../stats/distribution.ts";
import type { Reading } from "./reading.ts";
import { gate } from "./gate.ts";
import { policy } from "./testing/rows.ts";

const ALPHA = 0.025;

/** An effect with a normal-looking interval around `estimate`, on "higher is better" with this limit. */
function effect(
  role: MetricEffect["role"],
  estimate: number,
  more: Partial<MetricEffect> = {},
): MetricEffect {
  const half = 0.03;
  const limit = role === "primary" ? 0 : -0.05;
  const z = (estimate - limit) / (half / 1.96);
  const reading: Reading = {
    on: "difference",
    estimator: "tango@1",
    estimate,
    lower: estimate - half,
    upper: estimate + half,
    limit,
    pAbove: normalUpper(z),
    pBelow: normalLower(z),
  };
  return {
    metric: role === "primary" ? "exact" : "queue",
    role,
    better: "higher",
    estimator: "tango@1",
    n: 400,
    dropped: 0,
    clusters: null,
    baseline: 0.5,
    candidate: 0.5 + estimate,
    estimate,
    lower: reading.lower,
    upper: reading.upper,
    level: 1 - 2 * ALPHA,
    p: reading.pAbove,
    margin: limit,
    passed: estimate - half > limit,
    nNeeded: 500,
    refused: null,
    unit: "share",
    alpha: ALPHA,
    rule: role === "primary" ? "better" : "not worse than −5 points",
    reading: { ...reading },
    harmReading: { ...reading },
    nNeededAsPlanned: 500,
    nNeededAsSeen: estimate > limit ? 500 : null,
    slice: null,
    pAdjusted: null,
    ...more,
  };
}

const failed = (code: string, severity: HealthCheck["severity"]): HealthCheck => ({
  check: code,
  passed: false,
  detail: `something about ${code}`,
  code,
  severity,
});

const judge = (effects: readonly MetricEffect[], more: object = {}) =>
  gate({ effects, slices: [], health: [], policy: policy(), ...more });

const good = [effect("primary", 0.1), effect("guardrail", 0)];

describe("gate, step by step", () => {
  it("1: any unreadable comparison is invalid, whatever the effects say", () => {
    const codes = ["srm", "crossover", "duplicate-exposure", "assignment-correlated", "unit-mismatch"];
    const more = ["pairing-broken", "duplicate-items", "unequal-loss", "version-mismatch", "contaminated"];
    for (const code of [...codes, ...more, "scorer-degenerate", "too-few-clusters", "integrity"]) {
      const result = judge(good, { health: [failed(code, "invalid")] });
      expect(result.verdict).toBe("invalid");
      expect(result.reasons).toEqual([code]);
      expect(result.sentence).toContain("cannot be read");
    }
  });

  it("2: harm is a no-go: primary, guardrail, floor, veto slice", () => {
    expect(judge([effect("primary", -0.1), good[1]!])).toMatchObject({ verdict: "no-go" });
    expect(judge([effect("primary", -0.1), good[1]!]).reasons[0]).toBe("primary-worse");
    expect(judge([good[0]!, effect("guardrail", -0.2)]).reasons[0]).toBe("guardrail-breached:queue");
    expect(judge([...good, effect("floor", -0.2)]).reasons[0]).toBe("below-floor:queue");
    const slices = [{ slice: "language = de", effects: [effect("slice", -0.2, { slice: "language = de" })] }];
    const vetoed = { slices, policy: policy({ slices: { veto: ["language = de"] } }) };
    expect(judge(good, vetoed).reasons).toEqual(["slice-harmed:language = de"]);
    expect(judge(good, { slices }).verdict).toBe("go");
  });

  it("4: a veto slice without a single item is no data, never a pass", () => {
    const slices = [
      { slice: "language = de", effects: [effect("slice", 0, { slice: "language = de", n: 0 })] },
    ];
    const vetoed = { slices, policy: policy({ slices: { veto: ["language = de"] } }) };
    expect(judge(good, vetoed)).toMatchObject({
      verdict: "inconclusive",
      reasons: ["no-data:language = de"],
    });
  });

  it("2: what is shown to harm is not called underpowered as well", () => {
    const harmed = effect("guardrail", -0.2, { passed: false });
    expect(judge([good[0]!, harmed]).reasons).toEqual(["guardrail-breached:queue"]);
  });

  it("2: shares the error over all rules, so that one of many barely beyond is not yet harm", () => {
    // 0.031 below its limit: p just under 0.025 alone.
    const barely = effect("guardrail", -0.0805);
    const others = Array.from({ length: 5 }, (_, i) => effect("guardrail", 0.02, { metric: `other${i}` }));
    expect(judge([good[0]!, barely, ...others]).verdict).toBe("inconclusive");
  });

  it("3: everything proven is a go, in the words of the claim", () => {
    expect(judge(good)).toMatchObject({ verdict: "go", reasons: ["superior"] });
    const claim = { primary: { metric: "exact", claim: "non-inferior", margin: { points: 0.05 } } };
    const even = effect("primary", 0, { margin: -0.05, passed: true });
    expect(judge([even, good[1]!], { policy: policy(claim) }).reasons).toEqual(["non-inferior"]);
    expect(judge(good, { policy: policy(claim) }).reasons).toEqual(["superior"]);
  });

  it("4: whatever is not proven is inconclusive, each with its code", () => {
    expect(judge([effect("primary", 0.01), good[1]!]).reasons).toEqual(["underpowered:exact"]);
    expect(judge([effect("primary", -0.01), good[1]!]).reasons).toEqual([
      "underpowered:exact",
      "more-data-unlikely-to-help",
    ]);
    const none = effect("guardrail", 0, {
      refused: "no complete pair has this metric",
      passed: null,
      reading: null,
      harmReading: null,
    });
    expect(judge([good[0]!, none]).reasons).toEqual(["no-data:queue"]);
    const few = { ...none, refused: "quantile-n: 40 values, 200 are needed", metric: "latencyMs.p95" };
    expect(judge([good[0]!, few]).reasons).toEqual(["quantile-n:latencyMs.p95"]);
    const short = { policy: policy({ samples: { max: 450 } }) };
    expect(judge([effect("primary", 0.01), good[1]!], short).reasons).toContain("budget-exhausted");
    for (const code of ["policy-after-data", "gate-reused", "few-clusters", "look-plan-open"]) {
      const result = judge(good, { health: [failed(code, "inconclusive")] });
      expect(result).toMatchObject({ verdict: "inconclusive", reasons: [code] });
    }
  });

  it("4: does not read the metric of an unfit judge, and cannot be a go without it", () => {
    const unfit = { health: [failed("judge-unfit:queue", "inconclusive")] };
    expect(judge([good[0]!, effect("guardrail", -0.3)], unfit).reasons).toEqual(["judge-unfit:queue"]);
  });

  it("reads no harm from a fixed plan at an early look", () => {
    const early = { health: [failed("look-plan-open", "inconclusive")] };
    expect(judge([effect("primary", -0.2), good[1]!], early).verdict).toBe("inconclusive");
  });

  it("never says there is no difference", () => {
    for (const e of [-0.2, -0.03, 0, 0.01, 0.2]) {
      const { sentence, flip } = judge([effect("primary", e), good[1]!]);
      expect(`${sentence} ${flip.join(" ")}`).not.toMatch(/no difference|equal|same as|NaN|undefined|null/);
    }
  });
});

const RANK = { "no-go": 0, inconclusive: 1, go: 2, invalid: 0 } as const;

it("is never improved by a worse effect", () => {
  const size = fc.double({ min: -0.3, max: 0.3, noNaN: true });
  fc.assert(
    fc.property(
      size,
      size,
      size,
      fc.double({ min: 0, max: 0.3, noNaN: true }),
      fc.nat(2),
      (a, b, c, worse, which) => {
        const roles = ["primary", "guardrail", "floor"] as const;
        const build = (values: readonly number[]) => judge(roles.map((role, i) => effect(role, values[i]!)));
        const before = build([a, b, c]);
        const after = build([a, b, c].with(which, [a, b, c][which]! - worse));
        expect(RANK[after.verdict]).toBeLessThanOrEqual(RANK[before.verdict]);
      },
    ),
    { numRuns: 2000 },
  );
});
