import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256 } from "../schema/canonical.ts";
import type { HealthCheck } from "../schema/decision.ts";
import type { JudgeInRun } from "../schema/judge.ts";
import type { SampleRow } from "../schema/run.ts";
import { seeded } from "../stats/random.ts";
import { compare } from "./compare.ts";
import { decide } from "./decide.ts";
import type { ArmEvidence, Evidence } from "./health.ts";
import { arm, pairedRows, policy } from "./testing/rows.ts";
import { testProject, writeEvalRun } from "./testing/project.ts";

// Planted faults on evidence that would otherwise be a clear go. None may end in go. Those of an experiment on
// live traffic (1, 2, 3, 6, and 13 and 20 once more) are in online/sabotage.test.ts.

const sound = (): Evidence => pairedRows({ both: 240, baselineOnly: 10, candidateOnly: 100, neither: 50 });
const candidateRows = (
  evidence: Evidence,
  change: (rows: readonly SampleRow[]) => readonly SampleRow[],
): Evidence => ({
  ...evidence,
  candidate: { ...evidence.candidate, rows: change(evidence.candidate.rows) },
});
const bothArms = (evidence: Evidence, change: (row: SampleRow, i: number) => SampleRow): Evidence => ({
  baseline: { ...evidence.baseline, rows: evidence.baseline.rows.map(change) },
  candidate: { ...evidence.candidate, rows: evidence.candidate.rows.map(change) },
});
const judged = (evidence: Evidence, more: object = {}, context: readonly HealthCheck[] = []) =>
  compare({ evidence, policy: policy(more), seed: 7, context, training: null });

const judgeOf = (
  scorer: string,
  kappaLower: number | null,
  advisory: readonly string[] = [],
): JudgeInRun => ({
  scorer,
  model: "judge",
  sha256: sha256(scorer),
  card: kappaLower === null ? null : sha256("card"),
  kappaLower,
  attackRate: null,
  advisory: [...advisory],
  kinship: [],
  asked: 100,
  unparsed: 0,
  abstained: 0,
  flipRate: null,
  firstPlaceShare: null,
});

const expectFault = (
  result: { verdict: string; reasons: readonly string[] },
  verdict: string,
  code: string,
) => {
  expect(result.verdict).toBe(verdict);
  expect(result.reasons).toContain(code);
};

describe("sound evidence, so that each fault alone is to blame", () => {
  it("is a go", () => {
    expect(judged(sound()).verdict).toBe("go");
  });
});

describe("the offline faults", () => {
  it("4 items trained on, still in the evidence: contaminated", () => {
    const flagged = bothArms(sound(), (row, i) => (i < 20 ? { ...row, contaminated: true } : row));
    expectFault(judged(flagged), "invalid", "contaminated");
  });
  it("5 candidate answers rotated by one: pairing-broken, by content and by answers alone", () => {
    const turned = candidateRows(sound(), (rows) =>
      rows.map((row, i) => ({ ...rows[(i + 1) % rows.length]!, sampleId: row.sampleId })),
    );
    expectFault(judged(turned), "invalid", "pairing-broken");
    const honest = bothArms(sound(), (row) => ({ ...row, output: String(row.expected) }));
    expect(judged(honest).verdict).toBe("go");
    const slipped = candidateRows(honest, (rows) =>
      rows.map((row, i) => ({ ...row, output: rows[(i + 1) % rows.length]!.output })),
    );
    expectFault(judged(slipped), "invalid", "pairing-broken");
  });
  it("7 judge swapped for one arm: version-mismatch", () => {
    const evidence = sound();
    const scorers = evidence.candidate.scorers.map((one) =>
      one.name === "queue" ? { ...one, sha256: sha256("other judge") } : one,
    );
    expectFault(
      judged({ ...evidence, candidate: { ...evidence.candidate, scorers } }),
      "invalid",
      "version-mismatch",
    );
  });
  it("8 price table changed between arms: version-mismatch", () => {
    const evidence = sound();
    const priced = (one: ArmEvidence, prices: unknown): ArmEvidence => ({
      ...one,
      arm: { ...one.arm, prices },
    });
    const row = {
      model: "a/b",
      usdPerMillion: { input: 1, output: 2 },
      effectiveFrom: "2026-01-01",
      source: "t",
      retrievedAt: "2026-01-01",
    };
    const dearer = { ...row, usdPerMillion: { input: 2, output: 2 } };
    expectFault(
      judged({ baseline: priced(evidence.baseline, row), candidate: priced(evidence.candidate, dearer) }),
      "invalid",
      "version-mismatch",
    );
    expectFault(
      judged({ ...evidence, candidate: priced(evidence.candidate, { tableSha256: sha256("other") }) }),
      "invalid",
      "version-mismatch",
    );
  });
  it("10 NaN scores in the candidate: unequal-loss", () => {
    const holes = candidateRows(sound(), (rows) =>
      rows.map((row, i) =>
        i % 20 === 0 ? { ...row, scores: { ...row.scores, exact: { value: Number.NaN } } } : row,
      ),
    );
    expectFault(judged(holes), "invalid", "unequal-loss");
  });
  it("11 candidate time-outs left out: unequal-loss", () => {
    expectFault(judged(candidateRows(sound(), (rows) => rows.slice(10))), "invalid", "unequal-loss");
  });
  it("12 epochs written as separate items: duplicate-items", () => {
    const twice = (one: ArmEvidence): ArmEvidence => ({
      ...one,
      rows: one.rows.flatMap((row) => [row, { ...row, sampleId: sha256(`again ${row.sampleId}`) }]),
    });
    const evidence = sound();
    expectFault(
      judged({ baseline: twice(evidence.baseline), candidate: twice(evidence.candidate) }),
      "invalid",
      "duplicate-items",
    );
  });
  it("15 declared guardrail without rows: no-data", () => {
    const more = { guardrails: [{ metric: "hallucination", better: "lower", margin: { points: 0.01 } }] };
    expectFault(judged(sound(), more), "inconclusive", "no-data:hallucination");
  });
  it("16 graded scorer that returns one constant: scorer-degenerate", () => {
    const flat = bothArms(sound(), (row) => ({ ...row, scores: { ...row.scores, queue: { value: 0.7 } } }));
    expectFault(judged(flat), "invalid", "scorer-degenerate");
  });
  it("17 all items in one cluster: too-few-clusters", () => {
    expectFault(
      judged(bothArms(sound(), (row) => ({ ...row, cluster: "one" }))),
      "invalid",
      "too-few-clusters",
    );
    const five = bothArms(sound(), (row, i) => ({ ...row, cluster: `c${i % 5}` }));
    expectFault(judged(five), "inconclusive", "few-clusters");
  });
  it("19 P95 guardrail on 40 samples: quantile-n", () => {
    const small = pairedRows({ both: 10, baselineOnly: 0, candidateOnly: 30, neither: 0 });
    const more = { guardrails: [{ metric: "latencyMs.p95", better: "lower", margin: { relative: 0.05 } }] };
    expectFault(judged(small, more), "inconclusive", "quantile-n:latencyMs.p95");
  });
  it("20 users randomised, requests analysed: unit-mismatch", () => {
    expectFault(judged(sound(), { offline: { clusterBy: "user" } }), "invalid", "unit-mismatch");
  });
});

describe("faults that only the log or the run's facts show", () => {
  const project = () => testProject(mkdtempSync(join(tmpdir(), "sabotage-")));

  it("9 judge with κ 0.35 as guardrail: judge-unfit; a judge without a card: no-data", async () => {
    const at = await project();
    const file = join(at.evals, "policies", "test.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("0.05 } }", "0.05 }, judge: { minKappa: 0.6 } }"));
    await writeEvalRun(at, "bad-judge", sound(), { judges: [judgeOf("queue", 0.35)] });
    const unfit = await decide({ project: at, policy: "test", evalRun: "bad-judge" });
    expectFault(unfit.computed, "inconclusive", "judge-unfit:queue");
    await writeEvalRun(
      at,
      "no-card",
      bothArms(sound(), (row) => ({ ...row, label: "x" })),
    );
    const none = await decide({ project: at, policy: "test", evalRun: "no-card" });
    expectFault(none.computed, "inconclusive", "no-data:queue");
  });

  it("9b a judged primary whose judge is advisory: judge-unfit, whatever the policy asks of judges", async () => {
    const at = await project();
    await writeEvalRun(at, "judged", sound(), { judges: [judgeOf("exact", null, ["it has no card"])] });
    const result = await decide({ project: at, policy: "test", evalRun: "judged" });
    expectFault(result.computed, "inconclusive", "judge-unfit:exact");
    await writeEvalRun(at, "good", sound(), { judges: [judgeOf("exact", 0.71)] });
    const good = await decide({ project: at, policy: "test", evalRun: "good" });
    expect(good.computed.reasons).not.toContain("judge-unfit:exact");
  });

  it("13 fixed plan read at 60 % with a small p: look-plan-open", async () => {
    const at = await project();
    await writeEvalRun(at, "partial", sound(), { notRun: 320 });
    const result = await decide({ project: at, policy: "test", evalRun: "partial" });
    expect(result.computed.effects[0]!.p).toBeLessThan(0.01);
    expectFault(result.computed, "inconclusive", "look-plan-open");
  });

  it("14 margin widened after the first read: policy-after-data", async () => {
    const at = await project();
    await writeEvalRun(at, "read", sound());
    await decide({ project: at, policy: "test", evalRun: "read" });
    const file = join(at.evals, "policies", "test.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("0.05 }", "0.20 }"));
    const amended = await decide({ project: at, policy: "test", evalRun: "read" });
    expectFault(amended.computed, "inconclusive", "policy-after-data");
  });

  it("18 best of eight checkpoints of one run, chosen on the gate suite: gate-reused", async () => {
    const at = await project();
    const random = seeded(1);
    const checkpoint = (i: number): Evidence => {
      const evidence = sound();
      const made = arm(
        "candidate",
        evidence.candidate.rows.map((row) => ({ ...row, output: `${random.uniform()}` })),
      );
      return { ...evidence, candidate: { ...made, arm: { ...made.arm, digest: sha256(`step-${i}`) } } };
    };
    const verdicts: string[] = [];
    for (let i = 0; i < 8; i++) {
      await writeEvalRun(at, `step-${i}`, checkpoint(i));
      const { computed } = await decide({ project: at, policy: "test", evalRun: `step-${i}` });
      verdicts.push(`${computed.verdict} ${computed.reasons.join()}`);
    }
    expect(verdicts[0]).toMatch(/^go/);
    expect(new Set(verdicts.slice(1))).toEqual(new Set(["inconclusive gate-reused"]));
  });
});
