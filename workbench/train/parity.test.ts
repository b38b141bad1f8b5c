import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadModel } from "../endpoint/llama/model.ts";
import { tinyAdapter, tinyModel } from "../endpoint/testing/tiny-gguf.ts";
import { checkParity, compare, fuzzTexts } from "./parity.ts";
import type { ParityCase, Probes } from "./parity.ts";
import { readReference } from "./parity-reference.ts";
import type { ReferenceAnswers } from "./parity-reference.ts";

const sampling = {
  maxTokens: 12,
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  seed: 0,
  stop: [],
  topLogprobs: null,
};
const probes: Probes = {
  prompts: ["hello", "a longer question", "it's"].map((content) => [{ role: "user" as const, content }]),
  texts: fuzzTexts(50, 1),
  maxTokens: sampling.maxTokens,
};
let folder = "";
let honest: ParityCase;

/** The model's own answers: what a trainer that agrees with it would say. */
async function ownAnswers(base: string, adapter: string | null): Promise<ReferenceAnswers> {
  const model = await loadModel(base);
  const prompts = [];
  for (const prompt of probes.prompts) {
    const promptIds = [...model.promptIds(prompt)];
    const { ids, text, finish } = await model.generate(adapter, { promptIds, sampling });
    prompts.push({
      promptIds,
      ids: [...ids],
      text,
      finish,
      logprobs: [...(await model.nextLogprobs(adapter, promptIds))],
    });
  }
  const texts = probes.texts.map((text) => [...model.tokenize(text, false)]);
  await model.close();
  return { prompts, texts };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wb-parity-"));
  const [base, adapter] = [join(folder, "base.gguf"), join(folder, "adapter.gguf")];
  await writeFile(base, tinyModel(1));
  await writeFile(adapter, tinyAdapter(2));
  honest = {
    base,
    adapter,
    merged: null,
    probes,
    reference: await ownAnswers(base, adapter),
    precision: "f32",
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const failing = async (changed: Partial<ParityCase>): Promise<readonly string[]> => {
  const { passed, checks } = await checkParity({ ...honest, ...changed });
  const names = checks.filter((check) => !check.passed).map(({ name }) => name);
  expect(passed).toBe(names.length === 0);
  return names;
};
const withReference = (change: (reference: ReferenceAnswers) => void): Partial<ParityCase> => {
  const reference = structuredClone(honest.reference);
  change(reference);
  return { reference };
};

describe("checkParity", () => {
  test("passes answers that agree, and says how near they are", async () => {
    const { passed, checks } = await checkParity(honest);
    expect(passed).toBe(true);
    expect(checks.map(({ name }) => name.slice(0, 2))).toEqual(["P1", "P1", "P2", "P3"]);
    expect(checks[2]?.detail).toMatch(/max Δlogprob 0\.0e\+0/);
  });

  test("fails the rung that differs, and no other", async () => {
    expect(await failing(withReference(({ prompts }) => void prompts[1]!.promptIds.push(1)))).toEqual([
      "P1 token ids of chats",
    ]);
    expect(await failing(withReference(({ texts }) => void texts[7]!.reverse()))).toEqual([
      "P1 token ids of fuzz texts",
    ]);
    expect(
      await failing(withReference(({ prompts }) => void (prompts[0]!.logprobs[9]! += 0.01))),
    ).toMatchObject([expect.stringMatching(/^P2/)]);
    expect(await failing(withReference(({ prompts }) => void prompts[2]!.ids.pop()))).toMatchObject([
      expect.stringMatching(/^P3/),
    ]);
    expect(await failing(withReference(({ prompts }) => void (prompts[2]!.text += " ")))).toMatchObject([
      expect.stringMatching(/^P3/),
    ]);
  });

  test("another adapter, or none, is not the trained model", async () => {
    const other = join(folder, "other.gguf");
    await writeFile(other, tinyAdapter(3));
    expect(await failing({ adapter: other })).toHaveLength(2);
    expect(await failing({ adapter: null })).toHaveLength(2);
    expect(await failing({ adapter: null, merged: honest.base })).toHaveLength(2);
  });

  test("nothing asked is nothing passed", async () => {
    const empty = { prompts: [], texts: [] };
    expect(await failing({ probes: { ...probes, ...empty }, reference: empty })).toHaveLength(4);
  });
});

describe("compare", () => {
  test("gives its worked value", () => {
    const { worst, divergence } = compare(
      [Math.log(0.5), Math.log(0.5)],
      Float64Array.of(Math.log(0.25), Math.log(0.75)),
    );
    expect(divergence).toBeCloseTo(0.143_841, 6);
    expect(worst).toBeCloseTo(Math.log(2), 12);
  });
  test("is infinite where it cannot be told", () => {
    for (const found of [Float64Array.of(0), Float64Array.of(NaN, 0)])
      expect(compare([Math.log(0.5), Math.log(0.5)], found)).toEqual({
        worst: Infinity,
        divergence: Infinity,
      });
  });
});

test("fuzz texts repeat for a seed and hold whole characters only", () => {
  expect(fuzzTexts(200, 5)).toEqual(fuzzTexts(200, 5));
  expect(fuzzTexts(200, 5)).not.toEqual(fuzzTexts(200, 6));
  for (const text of fuzzTexts(1000, 1)) expect(text.isWellFormed()).toBe(true);
});

test("a trainer's answer of another shape is refused", () => {
  expect(() => readReference({ ok: true, prompts: [{ ids: "no" }], texts: [] })).toThrow(/reference answers/);
});
