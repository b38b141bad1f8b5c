import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadModel } from "../endpoint/llama/model.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import { perplexity } from "../evaluate/scorers/perplexity.ts";
import { jsonl } from "../evaluate/source.ts";
import { suite } from "../evaluate/suite.ts";
import { asksOf, textLogprobs } from "../evaluate/text-logprobs.ts";
import { Config } from "../schema/config.ts";
import { startServer } from "../serve/server.ts";
import { testProject } from "../serve/testing/project.ts";
import { resolveArms } from "./arms.ts";

const config = Config.parse({
  schema: "workbench/config@1",
  project: "babble",
  endpoints: { here: { kind: "local" } },
  models: {
    base: { endpoint: "here", model: "babbler" },
    tuned: { endpoint: "here", model: "babbler@alpha" },
  },
});
const TEXTS = ["I was charged twice", "Where is my parcel? It is late, and nobody answers.", "ünïcode 🚀"];

test("both arms' perplexity is asked live, and is what the distributions of one token after the other give", async () => {
  const { project, remove } = await testProject();
  onTestFinished(remove);
  await mkdir(join(project.evals, "data"), { recursive: true });
  const rows = TEXTS.map((input, i) => `${JSON.stringify({ id: String(i), input })}\n`).join("");
  await writeFile(join(project.evals, "data/texts.jsonl"), rows);
  const definition = suite("texts", {
    arms: { baseline: "base", candidate: "tuned" },
    data: jsonl<{ input: string }>("evals/data/texts.jsonl"),
    task: textLogprobs({ text: ({ input }) => String(input) }),
    scorers: [perplexity(), perplexity({ unit: "bitsPerByte" })],
  });
  const asks = asksOf(definition.task);
  const resolved = await resolveArms({ project, config, sources: definition.arms, asks });
  onTestFinished(resolved.close);
  const { result } = await evaluate({ project, suite: definition, arms: resolved.arms });
  expect(result).toMatchObject({ done: 6, failed: 0 });

  const model = await loadModel(join(project.private, "bases", "ab".repeat(6), "base.gguf"));
  const adapter = join(project.runs, "run-a/artifacts/adapter.gguf");
  for (const [arm, path] of [
    ["baseline", null],
    ["candidate", adapter],
  ] as const) {
    let [sum, tokens, bytes] = [0, 0, 0];
    for (const text of TEXTS) {
      const ids = model.tokenize(text, false);
      for (let n = 1; n < ids.length; n++) {
        sum += (await model.nextLogprobs(path, ids.slice(0, n)))[ids[n] ?? -1] ?? NaN;
        tokens++;
      }
      bytes += Buffer.byteLength(text);
    }
    expect(Math.log(result.metrics[arm]?.["perplexity.corpus"] ?? NaN)).toBeCloseTo(-sum / tokens, 5);
    expect(result.metrics[arm]?.["bitsPerByte.corpus"]).toBeCloseTo(-sum / Math.LN2 / bytes, 4);
  }
  await model.close();
  expect(result.metrics["baseline"]?.["perplexity.corpus"]).not.toBe(
    result.metrics["candidate"]?.["perplexity.corpus"],
  );
});

test("our server continues no texts on that path, and refuses what it would have to ignore", async () => {
  const { project, remove } = await testProject();
  onTestFinished(remove);
  const server = await startServer({ project, port: 0 });
  onTestFinished(server.close);
  const ask = async (more: object): Promise<number> => {
    const body = JSON.stringify({
      model: "babbler",
      prompt: "a b",
      echo: true,
      logprobs: 1,
      max_tokens: 1,
      ...more,
    });
    return (await fetch(`${server.origin}/v1/completions`, { method: "POST", body })).status;
  };
  expect(await ask({})).toBe(200);
  for (const more of [
    { echo: false },
    { logprobs: null },
    { max_tokens: 16 },
    { stream: true },
    { prompt: "" },
    { prompt: "x".repeat(700) },
  ])
    expect([more, await ask(more)]).toEqual([more, 400]);
});
