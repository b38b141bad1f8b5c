import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bleu, bleuCounts, tokens13a } from "./bleu.ts";
import { rougeL } from "./rouge-l.ts";

interface Golden {
  readonly sentence: readonly {
    readonly output: string;
    readonly references: readonly string[];
    readonly score: number;
    readonly counts: readonly number[];
    readonly totals: readonly number[];
    readonly sysLen: number;
    readonly refLen: number;
  }[];
  readonly corpus: readonly {
    readonly pairs: readonly { readonly output: string; readonly references: readonly string[] }[];
    readonly score: number;
  }[];
  readonly rougeL: readonly { readonly output: string; readonly reference: string; readonly f1: number }[];
}

// Made by scripts/golden/evaluate.py with sacrebleu and rouge-score.
const path = new URL("../../../scripts/golden/evaluate.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;

test.each(golden.sentence)("sentence BLEU equals sacreBLEU: $output", async (it) => {
  const counts = bleuCounts(it.output, it.references);
  expect(counts.correct).toEqual(it.counts);
  expect(counts.total).toEqual(it.totals);
  expect([counts.words, counts.referenceWords]).toEqual([it.sysLen, it.refLen]);
  const { value } = await bleu()({ output: it.output, expected: it.references });
  expect(value).toBeCloseTo(it.score / 100, 12);
});

test.each(golden.corpus)("corpus BLEU equals sacreBLEU", async ({ pairs, score }) => {
  const scorer = bleu();
  const scores = [];
  for (const { output, references } of pairs) scores.push(await scorer({ output, expected: references }));
  expect(scorer.corpus?.(scores)).toBeCloseTo(score / 100, 12);
});

test.each(golden.rougeL)("ROUGE-L equals rouge-score: $output", async ({ output, reference, f1 }) => {
  const { value } = await rougeL()({ output, expected: reference });
  expect(value).toBeCloseTo(f1, 12);
});

test("13a: no reference is unscored, long runs of spaces take no time", async () => {
  expect((await bleu()({ output: "x", expected: 3 })).value).toBeNull();
  expect(bleu().corpus?.([{ value: null, reason: "none" }])).toBeNull();
  const begun = performance.now();
  expect(tokens13a(`a${" ".repeat(200_000)}b`)).toEqual(["a", "b"]);
  expect(performance.now() - begun).toBeLessThan(2000);
});
