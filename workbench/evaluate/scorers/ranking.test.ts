import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { perplexity } from "./perplexity.ts";
import { ndcg } from "./retrieval.ts";

interface Golden {
  readonly ndcg: readonly {
    readonly ranked: readonly string[];
    readonly grades: Readonly<Record<string, number>>;
    readonly k: number;
    readonly linear: number;
    readonly exponential: number;
  }[];
  readonly perplexity: readonly {
    readonly texts: readonly { readonly logProb: number; readonly tokens: number }[];
    readonly perplexity: number;
  }[];
}

// Made by scripts/golden/ranking.py with scikit-learn and PyTorch.
const path = new URL("../../../scripts/golden/ranking.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;

test.each(golden.ndcg)("NDCG equals scikit-learn: k = $k", async ({ ranked, grades, k, ...values }) => {
  for (const gain of ["linear", "exponential"] as const) {
    const score = await ndcg(k, { gain })({ output: JSON.stringify(ranked), expected: grades });
    expect(score.value).toBeCloseTo(values[gain], 12);
  }
});

test.each(golden.perplexity)("perplexity of a set equals PyTorch's: $perplexity", async (it) => {
  const scorer = perplexity();
  const scores = [];
  for (const columns of it.texts) scores.push(await scorer({ output: "", columns: { ...columns } }));
  expect(scorer.corpus?.(scores)).toBeCloseTo(it.perplexity, 9);
});
