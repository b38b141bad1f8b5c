import { join } from "node:path";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { realEffects } from "../../store/effects.ts";
import { tempProject } from "../testing/project.ts";
import { importResults } from "./import.ts";

// What promptfoo 0.123.1 and Inspect AI 0.3.285 wrote about two questions, one right and one wrong, to the
// endpoint of scripts/bench/eval/mock.ts; only addresses and paths were taken out.
const FILES = join(import.meta.dirname, "testing");

async function importedRows(name: string) {
  const project = await tempProject();
  const request = { project, file: join(FILES, name), arm: "candidate", select: null };
  const done = await importResults(request, realEffects);
  const text = await readFile(join(project.root, done.path), "utf8");
  return {
    done,
    rows: text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object),
  };
}

const said = (text: string): unknown => expect.stringContaining(`You said: ${text}`);

test.each(["inspect.eval", "inspect.json"])("%s of Inspect AI", async (name) => {
  const { done, rows } = await importedRows(name);
  expect(done).toMatchObject({ tool: "inspect", rows: 2, failed: 0, scores: ["includes"] });
  const usage = {
    inputTokens: 20,
    outputTokens: 40,
    costUsd: null,
    latencyMs: expect.any(Number) as unknown,
  };
  expect(rows).toMatchObject([
    { id: "right", expected: "Say one", output: said("Say one."), scores: { includes: 1 }, ...usage },
    { id: "wrong", expected: "three", output: said("Say two."), scores: { includes: 0 }, ...usage },
  ]);
});

test("results of promptfoo: a price that it does not know is not nothing", async () => {
  const { done, rows } = await importedRows("promptfoo.json");
  expect(done).toMatchObject({ tool: "promptfoo", rows: 2, failed: 0, scores: ["score"] });
  const usage = { inputTokens: 20, outputTokens: 40, costUsd: null };
  expect(rows).toMatchObject([
    { id: "0", input: { text: "Say one." }, output: said("Say one."), scores: { score: 1 }, ...usage },
    { id: "1", input: { text: "Say two." }, output: said("Say two."), scores: { score: 0 }, ...usage },
  ]);
});
