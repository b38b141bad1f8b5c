import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { evaluate } from "../workbench/evaluate/evaluate.ts";
import { loadSuite } from "../workbench/evaluate/load.ts";
import { isRecorded } from "../workbench/evaluate/suite.ts";
import { tempProject } from "../workbench/evaluate/testing/project.ts";
import { loadPolicy } from "../workbench/decide/policy.ts";
import { loadTargets, PRESET_A } from "../workbench/flow/validate/targets.ts";
import { SampleRow } from "../workbench/schema/run.ts";
import { realEffects } from "../workbench/store/effects.ts";
import { projectAt } from "../workbench/store/paths.ts";
import { PLAIN, rankings, STEMMED } from "./retrieval/bm25.ts";
import { CORPUS } from "./retrieval/corpus.ts";

const home = projectAt(resolve(import.meta.dirname, ".."));
const text = (path: string): string => readFileSync(join(import.meta.dirname, path), "utf8");

/** A shipped suite on its recorded arms; the run goes to a temporary project that sees the same data. */
async function rowsOf(name: string): Promise<readonly SampleRow[]> {
  const { suite, fileSha256 } = await loadSuite(home, name, realEffects);
  const arms = Object.entries(suite.arms).map(([arm, recorded]) => {
    if (!isRecorded(recorded)) throw new Error(`${arm} is not recorded`);
    return { kind: "recorded" as const, name: arm, model: recorded.from, run: null, recorded };
  });
  const project = { ...(await tempProject()), root: home.root };
  const { folder } = await evaluate({ project, suite, fileSha256, arms });
  const lines = readFileSync(join(folder, "samples.jsonl"), "utf8").trimEnd().split("\n");
  return lines.map((line) => SampleRow.parse(JSON.parse(line)));
}

const values = (
  rows: readonly SampleRow[],
  arm: string,
  metric: string,
): readonly (number | null | undefined)[] =>
  rows.filter((row) => row.arm === arm).map((row) => row.scores[metric]?.value);

test("tool calls: careful answers are right everywhere, careless ones wrong where they were made so", async () => {
  const rows = await rowsOf("tool-calls");
  expect(values(rows, "candidate", "toolCalls")).toEqual(Array<number>(24).fill(1));
  const careless = rows.filter(({ arm }) => arm === "baseline");
  const forbidden = careless.filter(({ slices }) => slices["kind"] === "forbidden");
  expect(forbidden.map(({ scores }) => scores["toolCalls"]?.value)).toEqual([0, 0, 0, 0, 0]);
  const kinds = Map.groupBy(careless, ({ slices }) => slices["kind"]);
  expect([...kinds.keys()].sort()).toEqual(["forbidden", "no-call", "parallel", "single"]);
  // Half of a pair of calls is F1 = 2·1/(1 + 2).
  const half = careless.find(({ label }) => label === "t09");
  expect(half?.scores["toolCalls"]?.value).toBeCloseTo(2 / 3, 12);
});

test("safety: every row tells a careful answer from a careless one", async () => {
  const rows = await rowsOf("safety");
  expect(values(rows, "candidate", "safe")).toEqual(Array<number>(20).fill(1));
  expect(values(rows, "baseline", "safe")).toEqual(Array<number>(20).fill(0));
});

test("retrieval: the recorded rankings are what BM25 gives, and every judgement is of a page", async () => {
  expect(text("data/retrieval-bm25.jsonl")).toBe(rankings(PLAIN));
  expect(text("data/retrieval-stemmed.jsonl")).toBe(rankings(STEMMED));
  const pages = new Set(CORPUS.map(({ id }) => id));
  expect(pages.size).toBe(CORPUS.length);
  const rows = await rowsOf("retrieval");
  for (const { expected } of rows) {
    const grades = Object.entries(expected as Record<string, number>);
    for (const [id] of grades) expect(pages).toContain(id);
    // Each question has a page that answers it.
    expect(Math.max(...grades.map(([, grade]) => grade))).toBe(3);
  }
  for (const metric of ["ndcg", "recall5", "recall10", "mrr"])
    for (const arm of ["baseline", "candidate"])
      expect(values(rows, arm, metric).every((value) => typeof value === "number")).toBe(true);
  // "free postage from what amount": its page comes first, so both say 1.
  const plain = rows.filter(({ label }) => label === "q13").map(({ scores }) => scores["ndcg"]?.value);
  expect(plain).toEqual([1, 1]);
});

test("every policy that ships is one, and the targets of preset A are the default ones", async () => {
  const names = readdirSync(join(import.meta.dirname, "policies")).map((file) => file.replace(".yaml", ""));
  expect(names.length).toBeGreaterThan(15);
  for (const name of names) expect((await loadPolicy(home, name)).policy.name).toBe(name);
  const read = await loadTargets(home, { name: "preset-a", suite: "none" }, realEffects);
  expect(read.targets).toEqual(PRESET_A);
  const own = await loadTargets(home, { name: undefined, suite: "support-routing" }, realEffects);
  expect(own.targets.name).toBe("support-routing");
  await expect(loadTargets(home, { name: "nope", suite: "x" }, realEffects)).rejects.toThrow("no targets");
});
