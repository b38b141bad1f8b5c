import { expect, test } from "vitest";
import type { Decision, MetricEffect, Verdict } from "../schema/decision.ts";
import { brief } from "./brief.ts";

type Computed = Decision["computed"];

/** What a reader sees: tags gone, character references read. */
function textOf(computed: Computed): string {
  return brief(computed)
    .text.replace(/<[^>]*>/g, " ")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/\s+/g, " ");
}

function effect(metric: string, role: MetricEffect["role"], more: Partial<MetricEffect>): MetricEffect {
  const open = { n: 400, dropped: 0, clusters: null, p: null, margin: null, nNeeded: null, refused: null };
  return {
    ...open,
    metric,
    role,
    better: "higher",
    estimator: "tango@1",
    baseline: 0.5,
    candidate: 0.85,
    estimate: 0.35,
    lower: 0.28,
    upper: 0.42,
    level: 0.95,
    passed: true,
    unit: "share",
    alpha: 0.025,
    rule: "better",
    reading: null,
    harmReading: null,
    nNeededAsPlanned: null,
    nNeededAsSeen: null,
    slice: null,
    pAdjusted: null,
    ...more,
  };
}

function arm(name: string): Computed["baseline"] {
  return { arm: name, model: name, digest: "0".repeat(64), run: null };
}

function computed(verdict: Verdict, more: Partial<Computed> = {}): Computed {
  const cost = (usdPerThousand: number | null): Computed["cost"]["baseline"] => ({
    requests: 400,
    pricedRequests: 400,
    totalUsd: null,
    usdPerThousand,
    successes: null,
    usdPerSuccess: null,
    allInUsdPerTask: null,
    judgeUsd: null,
  });
  return {
    question: "May it?",
    policy: { name: "p", sha256: "0".repeat(64) },
    evidence: [],
    baseline: arm("old"),
    candidate: arm("new"),
    suite: "desk",
    health: [],
    effects: [effect("exact", "primary", {}), effect("errorRate", "guardrail", { better: "lower" })],
    slices: [],
    flips: { fixed: 30, broken: 4, bothRight: 196, bothWrong: 10, worst: [] },
    cost: {
      baseline: cost(4.1),
      candidate: cost(0.92),
      reworkUsd: null,
      training: { usd: 18.4, seconds: 90 },
      breakEvenRequests: 5786.2,
      pricesSha256: null,
      notes: [],
    },
    seed: 7,
    verdict,
    reasons: [],
    sentence: "",
    flip: [],
    ...more,
  };
}

test("a go says what it answers, how sure it is, what would be lost and what it saves", () => {
  const text = textOf(computed("go"));
  expect(text).toContain("Yes.");
  expect(text).toContain("answered the same 400 items of desk");
  expect(text).toContain("The main figure, exact: 50.0 % now, 85.0 % proposed.");
  expect(text).toContain("between +28.0 points and +42.0 points, with 95 % confidence");
  expect(text).toContain(
    "The one limit on another figure holds. Of 200 items that are right today, 4 would go wrong.",
  );
  expect(text).toContain("$4.10 now and $0.920 proposed, 78 % less. Training cost $18.40.");
  expect(text).toContain("after 5787 answers");
});

test("a no-go names the broken limit and the part of the traffic that clearly loses", () => {
  const lost = { estimate: -0.14, lower: -0.18, upper: -0.1, passed: false };
  const slices = [
    { slice: "queue = login", effects: [effect("exact", "slice", {})] },
    {
      slice: "queue = security",
      effects: [effect("exact", "slice", { estimate: -0.5, lower: -0.7, upper: -0.3 })],
    },
  ];
  const text = textOf(
    computed("no-go", {
      effects: [effect("exact", "primary", {}), effect("queue", "guardrail", lost)],
      slices,
    }),
  );
  expect(text).toContain("Beyond its limit: queue −14.0 points.");
  expect(text).toContain("Clearly worse where queue = security: exact −50.0 points.");
});

test("what has no price is said to be unknown, and is no number", () => {
  const { cost } = computed("go");
  const text = textOf(
    computed("inconclusive", {
      cost: {
        ...cost,
        candidate: { ...cost.candidate, usdPerThousand: null },
        training: null,
        breakEvenRequests: null,
      },
    }),
  );
  expect(text).toContain("What it would cost to run is not known: a price is missing.");
  expect(text).not.toMatch(/\$|NaN|null/);
});

test("an invalid comparison shows none of its figures", () => {
  expect(textOf(computed("invalid", { flip: ['repair "pairs": lost'] }))).toBe(
    ' Answer Not known. The comparison itself is faulty, so none of its figures is shown. What would change it repair "pairs": lost. ',
  );
});

test("live traffic is told in units, not in pairs", () => {
  const none = { fixed: 0, broken: 0, bothRight: 0, bothWrong: 0, worst: [] };
  const text = textOf({ ...computed("go", { flips: none, suite: "live traffic (desk)" }), online: {} });
  expect(text).toContain("served 400 units of live traffic (desk)");
  expect(text).not.toContain("right today");
});
