import { sha256 } from "../../schema/canonical.ts";
import { Policy } from "../../schema/policy.ts";
import type { SampleRow } from "../../schema/run.ts";
import type { ArmEvidence, Evidence } from "../health.ts";

/** A sample row for tests; `more` overrides any member. */
export function row(
  i: number,
  arm: string,
  scores: Record<string, number | null>,
  more: object = {},
): SampleRow {
  const input = { text: `ticket ${i}` };
  const expected = `queue-${i}`;
  return {
    sampleId: sha256(`${i}`),
    label: `t-${i}`,
    arm,
    epoch: 1,
    status: "scored",
    input,
    expected,
    output: `answer ${i} of ${arm}`,
    scores: Object.fromEntries(
      Object.entries(scores).map(([name, value]) => [
        name,
        value === null ? { value, reason: "unscored" } : { value },
      ]),
    ),
    success: scores["exact"] === undefined || scores["exact"] === null ? null : scores["exact"] >= 0.5,
    latencyMs: 100 + (i % 7),
    ttftMs: null,
    inputTokens: 100,
    cachedTokens: 0,
    outputTokens: 10,
    costUsd: 0.0001,
    judgeCostUsd: null,
    servedModel: null,
    finishReason: "stop",
    slices: { channel: i % 2 === 0 ? "mail" : "chat" },
    cluster: null,
    error: null,
    ...more,
  };
}

export function arm(name: string, rows: readonly SampleRow[], more: object = {}): ArmEvidence {
  return {
    arm: {
      arm: name,
      model: name,
      digest: sha256(name),
      run: name === "baseline" ? null : `train-${name}`,
      prices: { tableSha256: sha256("prices") },
    },
    suite: { name: "routing", sha256: sha256("suite"), primary: "exact", slices: ["channel"] },
    scorers: [
      { name: "exact", sha256: sha256("exact") },
      { name: "queue", sha256: sha256("queue") },
    ],
    rows,
    ...more,
  };
}

/** Cells of a paired 0/1 comparison: both right, only baseline, only candidate, neither. */
export interface Cells {
  readonly both: number;
  readonly baselineOnly: number;
  readonly candidateOnly: number;
  readonly neither: number;
}

/** Rows whose `exact` falls into these cells and whose `queue` into those (default: always right). */
export function pairedRows(exact: Cells, queue?: Cells): Evidence {
  const [a, b] = [answers(exact, "baseline"), answers(exact, "candidate")];
  const qa = queue ? answers(queue, "baseline") : a.map(() => 1);
  const qb = queue ? answers(queue, "candidate") : a.map(() => 1);
  return {
    baseline: arm(
      "baseline",
      a.map((value, i) => row(i, "baseline", { exact: value, queue: qa[i] ?? null })),
    ),
    candidate: arm(
      "candidate",
      b.map((value, i) => row(i, "candidate", { exact: value, queue: qb[i] ?? null })),
    ),
  };
}

function answers(cells: Cells, side: "baseline" | "candidate"): readonly number[] {
  const { both, baselineOnly, candidateOnly, neither } = cells;
  const [first, second] = side === "baseline" ? [1, 0] : [0, 1];
  return [
    ...new Array<number>(both).fill(1),
    ...new Array<number>(baselineOnly).fill(first),
    ...new Array<number>(candidateOnly).fill(second),
    ...new Array<number>(neither).fill(0),
  ];
}

/** A policy on `exact` with a queue guardrail of 5 points; `more` overrides. */
export function policy(more: object = {}): Policy {
  return Policy.parse({
    schema: "workbench/policy@1",
    name: "test",
    question: "Is it better?",
    primary: { metric: "exact", claim: "superior" },
    guardrails: [{ metric: "queue", margin: { points: 0.05 } }],
    ...more,
  });
}
