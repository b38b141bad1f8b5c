import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadModel } from "../endpoint/llama/model.ts";
import { tinyModel } from "../endpoint/testing/tiny-gguf.ts";
import { seeded } from "../stats/random.ts";
import { startServer, type RunningServer } from "./server.ts";
import { put, testProject, type TestProject } from "./testing/project.ts";

let home: TestProject;
let server: RunningServer;
let openai: OpenAI;
beforeAll(async () => {
  home = await testProject();
  server = await startServer({ project: home.project, port: 0 });
  openai = new OpenAI({ baseURL: `${server.origin}/v1`, apiKey: "x", maxRetries: 0 });
});
afterAll(async () => {
  await server.close();
  await home.remove();
});

const HIDDEN = 32;
const VOCABULARY = 260;
/** Weights of two blocks: four matrices of 32 × 32 and three of 32 × 64 each. */
const BLOCKS = 2 * (4 * 32 * 32 + 3 * 32 * 64);

test("a vector times the output matrix gives the model's own next-token distribution: it is the last hidden state", async () => {
  await put(home.project.root, "one.gguf", tinyModel(1));
  const model = await loadModel(join(home.project.root, "one.gguf"));
  // The output matrix is what the seed draws last, after two blocks and the embeddings of the tokens.
  const { uniform } = seeded(1);
  for (let i = 0; i < BLOCKS + HIDDEN * VOCABULARY; i++) uniform();
  const output = Array.from({ length: VOCABULARY }, () =>
    Array.from({ length: HIDDEN }, () => Math.fround(uniform() * 2 - 1)),
  );
  for (const text of ["I was charged twice", "a", "ünïcode 🚀 and the rest of it"]) {
    const ids = model.tokenize(text, false);
    const hidden = await model.embed(ids);
    expect(hidden).toHaveLength(HIDDEN);
    const logits = output.map((row) => row.reduce((sum, weight, i) => sum + weight * (hidden[i] ?? NaN), 0));
    const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const expected = await model.nextLogprobs(null, ids);
    // Keys and values are in f16 for embeddings, in f32 for chats. A state of another token is off by more than 5.
    logits.forEach((logit, id) => expect(Math.abs(logit - total - (expected[id] ?? NaN))).toBeLessThan(0.1));
  }
  await model.close();
});

test("OpenAI's client reads it, as floats and as base64; the same text gives the same vector", async () => {
  const input = ["I was charged twice", "Charged two times", "I was charged twice"];
  const floats = await openai.embeddings.create({ model: "babbler", input, encoding_format: "float" });
  const packed = await openai.embeddings.create({ model: "babbler", input });
  expect(floats.data.map(({ index }) => index)).toEqual([0, 1, 2]);
  const [one, two, again] = floats.data.map(({ embedding }) => embedding);
  expect(again).toEqual(one);
  expect(two).not.toEqual(one);
  expect(Math.hypot(...(one ?? []))).toBeCloseTo(1, 6);
  packed.data[0]?.embedding.forEach((value, i) => expect(value).toBeCloseTo(one?.[i] ?? NaN, 6));
  expect(floats.usage.prompt_tokens).toBeGreaterThan(0);
});

test("an adapter, a part of a vector, an empty text and one beyond the context are refused", async () => {
  const ask = (more: object) => openai.embeddings.create({ model: "babbler", input: "x", ...more });
  for (const more of [
    { model: "babbler@alpha" },
    { dimensions: 8 },
    { input: "" },
    { input: [] },
    { input: "x".repeat(700) },
  ])
    await expect(ask(more), JSON.stringify(more)).rejects.toMatchObject({ status: 400 });
  await expect(ask({ model: "nobody" })).rejects.toMatchObject({ status: 404 });
});
