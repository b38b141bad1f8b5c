import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { SampleRow } from "../schema/run.ts";
import { requires } from "../testing/requires.ts";
import { compare } from "./compare.ts";
import type { Evidence } from "./health.ts";
import { arm, policy, row } from "./testing/rows.ts";

const data = requires("real-data");

const gzip = (path: string): string => gunzipSync(readFileSync(join(data ?? "", path))).toString("utf8");
const evidence = (
  metric: string,
  answers: readonly (readonly [number, number])[],
  more: (i: number) => object,
): Evidence => {
  const rows = (name: string, side: 0 | 1): SampleRow[] =>
    answers.map((pair, i) =>
      row(i, name, { [metric]: pair[side] }, { success: null, costUsd: null, latencyMs: null, ...more(i) }),
    );
  return {
    baseline: arm("baseline", rows("baseline", 0)),
    candidate: arm("candidate", rows("candidate", 1)),
  };
};
const judged = (it: Evidence, more: object) =>
  compare({
    evidence: it,
    policy: policy({ guardrails: [], ...more }),
    seed: 7,
    context: [],
    training: null,
  });

describe.skipIf(data === null)("real data", () => {
  it("gsm8k: 6b verification against fine-tuning is +0.1736, Tango 0.1474…0.2004, go", () => {
    const lines = gzip("gsm8k/model-solutions.jsonl.gz").trim().split("\n");
    const answers = lines.map((line) => {
      const record = JSON.parse(line) as Record<string, { is_correct: boolean }>;
      return [
        Number(record["6b_finetuning"]!.is_correct),
        Number(record["6b_verification"]!.is_correct),
      ] as const;
    });
    const result = judged(
      evidence("exact", answers, () => ({})),
      {},
    );
    const [primary] = result.effects;
    expect(primary).toMatchObject({ estimator: "tango@1", n: 1319 });
    expect(primary!.estimate).toBeCloseTo(0.1736, 4);
    expect(primary!.lower).toBeCloseTo(0.1474, 4);
    expect(primary!.upper).toBeCloseTo(0.2004, 4);
    expect(result.flips).toMatchObject({ fixed: 293, broken: 64 });
    expect(result.verdict).toBe("go");
  });

  it("alpaca-eval: 10.34 against 9.18 % is not shown to be better on 805 instructions", () => {
    const win = (model: string): number[] =>
      (JSON.parse(gzip(`alpaca-eval/${model}.annotations.json.gz`)) as { preference: number }[]).map(
        (one) => one.preference - 1,
      );
    const [a, b] = [win("gpt-3.5-turbo-1106"), win("OpenHermes-2.5-Mistral-7B")];
    const answers = a.map((value, i) => [value, b[i]!] as const);
    const result = judged(
      evidence("exact", answers, () => ({})),
      {},
    );
    expect(result.effects[0]).toMatchObject({ estimator: "paired-t@1", n: 805 });
    expect(result.effects[0]!.estimate).toBeCloseTo(0.0116, 4);
    expect(result.verdict).toBe("inconclusive");
    expect(result.sentence).toContain("not shown to be better");
  });

  it("tau-bench: trials are clustered by task, and the agent never wins against itself", () => {
    const trials = JSON.parse(gzip("tau-bench/gpt-4o-airline.json.gz")) as {
      task_id: number;
      reward: number;
      trial: number;
    }[];
    const answers = trials.map(({ reward }) => [reward, reward] as const);
    const clustered = evidence("exact", answers, (i) => ({ cluster: `${trials[i]!.task_id}` }));
    const same = judged(clustered, { floors: [{ metric: "exact", atLeast: 0.3, alpha: 0.025 }] });
    expect(same.effects[0]).toMatchObject({ n: 200, clusters: 50, baseline: 0.42 });
    expect(same.verdict).toBe("inconclusive");
    expect(same.effects[1]).toMatchObject({ role: "floor", estimator: "clustered-t@1", passed: true });
    // The later two trials of each task against the first two: 50 clusters, not 100 independent rows.
    const early = trials.filter(({ trial }) => trial < 2);
    const later = trials.filter(({ trial }) => trial >= 2);
    const pairs = early.map((one, i) => [one.reward, later[i]!.reward] as const);
    const halves = judged(
      evidence("exact", pairs, (i) => ({ cluster: `${early[i]!.task_id}` })),
      {},
    );
    expect(halves.effects[0]).toMatchObject({ estimator: "paired-t@1", clusters: 50 });
    expect(halves.verdict).not.toBe("go");
  });
});
