import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { LiveArm } from "./arm.ts";
import { filledPrompt } from "./data-suite.ts";
import { evaluate } from "./evaluate.ts";
import { listSuites, loadSuite } from "./load.ts";
import { fakeModel } from "./testing/fake-client.ts";
import { tempProject } from "./testing/project.ts";

const header = {
  schema: "workbench/suite@1",
  arms: { baseline: "a" },
  system: "Be short.",
  prompt: "Say {word}.",
  maxTokens: 20,
  scorers: ["exact", { use: "contains", as: "polite", phrases: ["please"] }],
  slices: ["tone"],
};

async function golden(project: Project, lines: readonly unknown[], name = "words"): Promise<void> {
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
  await writeFile(join(project.evals, `${name}.suite.jsonl`), `${text}\n`);
}

test("a golden set whose first line is the suite runs like any other", async () => {
  const project = await tempProject();
  await golden(project, [
    header,
    { id: "1", input: { word: "yes" }, expected: "yes", tone: "plain" },
    { id: "2", input: { word: "{secret} $&" }, expected: "no", tone: "rude", scorers: ["polite"] },
    { id: "3", input: { other: 1 } },
    { id: "4", input: { word: "x" }, scorers: ["__proto__"] },
    "not json",
  ]);
  expect(await listSuites(project, realEffects)).toEqual([
    { name: "words", file: "evals/words.suite.jsonl" },
  ]);
  const { suite, fileSha256 } = await loadSuite(project, "words", realEffects);
  const asked: string[] = [];
  const model = fakeModel({ answer: (prompt) => (asked.push(prompt), "yes") });
  const done = await evaluate({ project, suite, fileSha256, arms: [model.arm] }, realEffects);
  expect(asked.sort()).toEqual(["Be short.\nSay yes.", "Be short.\nSay {secret} $&."]);
  expect(done.result.metrics["baseline"]).toMatchObject({ exact: 1, "exact.unscored": 1, "polite.n": 2 });
  expect(done.quarantined.map(({ place, reason }) => `${place} ${reason}`)).toEqual([
    "evals/words.suite.jsonl:4 the prompt asks for {word}, and the row's input has none",
    'evals/words.suite.jsonl:5 the header has no scorer "__proto__"',
    expect.stringMatching(/:6 not JSON/),
  ]);
});

test.each([
  [{ ...header, scorers: ["eval"] }, /no scorer is registered as "eval"/],
  [{ ...header, scorers: ["regex"] }, /regex: pattern/],
  [{ ...header, scorers: ["constructor"] }, /no scorer is registered/],
  [{ ...header, scorers: [{ use: "exact", file: "/etc/passwd" }] }, /exact/],
  [{ ...header, require: "fs" }, /header line/],
  [{ ...header, scorers: [{ use: "exact", at: "x", as: "a.b" }] }, /as/],
  ["null", /header line/],
])("what is not on the closed list is refused: %#", async (line, told) => {
  const project = await tempProject();
  await golden(project, [line, { input: { word: "x" } }]);
  await expect(loadSuite(project, "words", realEffects)).rejects.toThrow(told);
});

test("another prompt is another arm: answers to the old one are not taken for it", async () => {
  const project = await tempProject();
  const row = { input: { word: "yes" }, expected: "yes" };
  const ids = [];
  for (const prompt of ["Say {word}.", "Shout {word}."]) {
    await golden(project, [{ ...header, prompt }, row]);
    const { suite } = await loadSuite(project, "words", realEffects);
    const done = await evaluate({ project, suite, arms: [fakeModel().arm] }, realEffects);
    ids.push(done.result.arms[0]?.digest);
  }
  expect(ids[0]).not.toBe(ids[1]);
});

test("a field is put in literally, once", () => {
  expect(filledPrompt('{"a": {a}} {b.0}', { a: "{b}", b: ["$1"] }).text).toBe('{"a": {b}} $1');
  expect(filledPrompt("{input}", "{x}").text).toBe("{x}");
  expect(filledPrompt("{toString} {a}", {}).missing).toEqual(["toString", "a"]);
  fc.assert(
    fc.property(fc.string(), (word) => filledPrompt("<{word}>", { word }).text === `<${word}>`),
    { numRuns: 200 },
  );
});

test("a golden set may compare arms: its scorer still knows that it needs two", async () => {
  const project = await tempProject();
  const kinder = { use: "pairwise", judge: "j", ask: "Which is kinder?", against: { arm: "baseline" } };
  await golden(project, [
    { ...header, scorers: [kinder] },
    { input: { word: "yes" }, tone: "plain" },
  ]);
  const { suite } = await loadSuite(project, "words", realEffects);
  const judges = new Map([["j", fakeModel({ name: "j" }).arm as LiveArm]]);
  const arms = [fakeModel().arm];
  await expect(evaluate({ project, suite, arms, judges })).rejects.toMatchObject({
    code: "WB_SUITE_INVALID",
  });
  const { result } = await evaluate({
    project,
    suite,
    judges,
    arms: [...arms, fakeModel({ name: "candidate", answer: () => "other" }).arm],
  });
  expect(result.metrics["baseline"]).toMatchObject({ pairwise: 0.5 });
});
