import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { qePrompt } from "../../workbench/evaluate/qe/prompt.ts";
import { qeQuality } from "../../workbench/evaluate/qe/score.ts";
import { QeExpected, QeInput } from "../../workbench/evaluate/qe/task.ts";
import { runIsolated } from "../../workbench/evaluate/sandbox/run.ts";
import { loadSuite } from "../../workbench/evaluate/load.ts";
import { seeded } from "../../workbench/stats/random.ts";
import { realEffects } from "../../workbench/store/effects.ts";
import { projectAt } from "../../workbench/store/paths.ts";
import { FLAKY_CLASSES } from "../../workbench/evaluate/qe/task.ts";
import { coverageTasks, flakyTasks, reviewTasks, type QeTask } from "./tasks.ts";
import { readUnits } from "./units.ts";

const DATA = join(import.meta.dirname, "../data");
const read = <T>(name: string) =>
  readFileSync(join(DATA, name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown as T);
const rows = read<QeTask["row"]>("qe.jsonl");
const answers = (name: string) =>
  new Map(read<{ id: string; output: string }>(name).map(({ id, output }) => [id, output]));
const [reference, lazy] = [answers("qe-reference.jsonl"), answers("qe-lazy.jsonl")];
const isFull = process.env["WB_TEST_DEPTH"] === "full";
const score = qeQuality();
const scored = async ({ input, expected }: QeTask["row"], output = ""): Promise<number> => {
  const { value, reason } = await score({ input, expected, output });
  if (value === null) throw new Error(reason);
  return value;
};
const generation = rows.filter(({ category }) => category === "test-generation");
const others = rows.filter(({ category }) => category !== "test-generation");

describe("the QE suite", () => {
  test("has 100 tasks: 40, 30, 20, 10, each category in all difficulties", () => {
    const counts = [...Map.groupBy(rows, (row) => row.category)].map(([name, list]) => [name, list.length]);
    expect(counts).toEqual([
      ["test-generation", 40],
      ["coverage", 30],
      ["flaky", 20],
      ["review", 10],
    ]);
    const kinds = new Set(rows.map(({ category, difficulty }) => `${category} ${difficulty}`));
    expect(kinds.size).toBe(12);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(100);
    for (const { input, expected, category } of rows) {
      expect(QeInput.safeParse(input).success).toBe(true);
      expect(QeExpected[category].safeParse(expected).success).toBe(true);
    }
  });

  test("the suite file loads and shows every slice", async () => {
    const { suite } = await loadSuite(projectAt(resolve(import.meta.dirname, "../..")), "qe", realEffects);
    expect(Object.keys(suite.slices)).toEqual(["category", "difficulty", "language"]);
    expect(suite.primary).toBe("quality");
  });

  test("a prompt shows all that the task gives, and nothing of what is expected", () => {
    for (const { input, expected } of rows) {
      const { user } = qePrompt(input);
      const task = QeInput.parse(input);
      if (task.category === "test-generation") expect(user).toContain(task.source);
      if (task.category === "flaky") for (const { commit } of task.runs) expect(user).toContain(commit);
      if (task.category === "review") expect(user).toContain(task.diff);
      if (task.category !== "test-generation") continue;
      const { mutants } = QeExpected["test-generation"].parse(expected);
      for (const { to } of mutants)
        if (!task.source.split("\n").includes(to)) expect(user).not.toContain(`\n${to}\n`);
    }
  });
});

// Without bwrap nothing is run: CI must have it.
const probe = await runIsolated({ command: ["true"] });
const isBoxed = probe.kind !== "refused" || process.env["WB_REQUIRE_ALL"] === "1";

describe.skipIf(!isBoxed).concurrent("generated tests are run", () => {
  // What runs in sandboxes takes a third of a second a task: a part here, all with WB_TEST_DEPTH=full.
  const random = seeded(process.env["WB_SEED"] ?? 20);
  const some = generation.filter(() => isFull || random.uniform() < 0.12);

  test.each(some)("$id: reference 1, no assertions 0", { timeout: 60_000 }, async (row) => {
    expect(await scored(row, reference.get(row.id))).toBe(1);
    expect(await scored(row, lazy.get(row.id))).toBe(0);
  });

  const [unit] = generation.filter(({ id }) => id === "tests-clamp");
  test("tests that fail for the right source, read it instead of calling it, or break off give 0", async () => {
    if (!unit) throw new Error("no clamp");
    const source =
      QeInput.parse(unit.input).category === "test-generation"
        ? (unit.input as { source: string }).source
        : "";
    const block = (code: string): string => `\`\`\`js\n${code}\n\`\`\``;
    const wrong = `import assert from "node:assert"; import { clamp } from "./subject.mjs"; assert.equal(clamp(1, 2, 3), 1);`;
    const reads = `import { readFileSync } from "node:fs"; import assert from "node:assert"; assert.equal(readFileSync("subject.mjs", "utf8").trim(), ${JSON.stringify(source.trim())});`;
    const forges = `process.stdout.write(JSON.stringify({nonce: "0", results: {right: "passed"}})); process.exit(0);`;
    const counts = `import { existsSync, writeFileSync } from "node:fs"; if (existsSync("/tmp/seen")) process.exit(1); writeFileSync("/tmp/seen", "");`;
    const kills = `process.kill(process.ppid, "SIGKILL");`;
    for (const code of [wrong, reads, forges, counts, kills]) expect(await scored(unit, block(code))).toBe(0);
    expect(await scored(unit, "I would test the limits.")).toBe(0);
    expect(await scored(unit, "")).toBe(0);
  });

  // What would kill every mutant and test nothing: the text, the byte code or a copy of the subject as oracle.
  test(
    "tests that know the subject's text instead of its behaviour give 0",
    { timeout: 60_000 },
    async () => {
      const [js, py] = ["javascript", "python"].map((language) =>
        generation.find((row) => row.language === language),
      );
      if (!js || !py) throw new Error("no units");
      const sourceOf = ({ input }: QeTask["row"]): string => (input as { source: string }).source;
      const nameIn = (row: QeTask["row"]): string =>
        /^(?:export function|def) (\w+)/m.exec(sourceOf(row))?.[1] ?? "";
      const squeezed = JSON.stringify(sourceOf(js).replaceAll(/export|\s/g, ""));
      const textual = `import assert from "node:assert"; import * as it from "./subject.mjs";
      const seen = String(it.${nameIn(js)}).replaceAll(/\\/\\*.*?\\*\\/|\\s/g, "");
      assert.ok(${squeezed}.includes(seen) && seen.length > 20);`;
      const copied = `import assert from "node:assert"; import { ${nameIn(js)} as it } from "./subject.mjs";
${sourceOf(js).replace("export ", "")}
for (let a = -5; a < 5; a++) for (let b = -5; b < 5; b++) assert.deepEqual(it(a, b, 3), ${nameIn(js)}(a, b, 3));`;
      const coded = `import subject
def test_it():
    there = {}
    exec(${JSON.stringify(sourceOf(py))}, there)
    assert subject.${nameIn(py)}.__code__.co_code == there["${nameIn(py)}"].__code__.co_code
    assert subject.${nameIn(py)}.__code__.co_consts == there["${nameIn(py)}"].__code__.co_consts`;
      expect(await scored(js, `\`\`\`js\n${textual}\n\`\`\``)).toBe(0);
      expect(await scored(js, `\`\`\`js\n${copied}\n\`\`\``)).toBe(0);
      expect(await scored(py, `\`\`\`python\n${coded}\n\`\`\``)).toBe(0);
    },
  );

  test("one assertion that holds for nearly anything is no success", { timeout: 60_000 }, async () => {
    const values: number[] = [];
    for (const row of some.slice(0, isFull ? 40 : 4)) {
      const name =
        /^(?:export function|def) (\w+)/m.exec((row.input as { source: string }).source)?.[1] ?? "";
      const code =
        row.language === "javascript"
          ? `import assert from "node:assert"; import * as it from "./subject.mjs"; assert.equal(typeof it.${name}, "function");`
          : `import subject\ndef test_it():\n    assert callable(subject.${name})`;
      values.push(await scored(row, `\`\`\`\n${code}\n\`\`\``));
    }
    expect(Math.max(...values)).toBe(0);
  });
});

describe("answers that are compared", () => {
  test.each(others)("$id: reference 1, lazy and empty low", async (row) => {
    expect(await scored(row, reference.get(row.id))).toBe(1);
    expect(await scored(row, lazy.get(row.id))).toBeLessThan(0.7);
    for (const empty of ["", "[]", "{}", "null", '{"gaps":[]}']) expect(await scored(row, empty)).toBe(0);
  });

  test("naming everything, or as much as the prompt says at random, finds no gaps", async () => {
    const coverage = rows.filter(({ category }) => category === "coverage");
    const random = seeded(7);
    const guessed: number[] = [];
    for (const row of coverage) {
      const input = QeInput.parse(row.input) as QeInput & { category: "coverage" };
      const outcomes = (input.facts.conditions ?? []).flatMap((line) => [`${line}:true`, `${line}:false`]);
      const lines = input.source.split("\n").map((_, i) => String(i + 1));
      const all = input.ask === "branches" ? outcomes : lines;
      expect(await scored(row, JSON.stringify({ gaps: all }))).toBeLessThan(0.1);
      expect(await scored(row, lazy.get(row.id))).toBe(0);
      const some = [...all].sort(() => random.uniform() - 0.5).slice(0, input.facts.missed);
      guessed.push(await scored(row, JSON.stringify({ gaps: some })));
    }
    expect(guessed.reduce((sum, value) => sum + value, 0) / guessed.length).toBeLessThan(0.2);
  });

  test("one class for every history, with or without a guess at evidence, is never a success", async () => {
    for (const name of FLAKY_CLASSES) {
      const output = JSON.stringify({ class: name, field: "after", value: "queue_drain" });
      const values = await Promise.all(
        rows.filter(({ category }) => category === "flaky").map((row) => scored(row, output)),
      );
      expect(values.reduce<number>((sum, value) => sum + value, 0) / values.length).toBeLessThan(0.2);
    }
  });

  test("every kind at every line of a review is worse than nothing found out", async () => {
    for (const row of rows.filter(({ category }) => category === "review")) {
      const { defects } = QeExpected.review.parse(row.expected);
      const all = Array.from({ length: 40 }, (_, i) =>
        defects.map(({ kind }) => ({ line: i + 1, kind })),
      ).flat();
      expect(await scored(row, JSON.stringify(all))).toBeLessThan(0.1);
      const near = defects.map(({ line, kind }) => ({ line: line + 2, kind }));
      expect(await scored(row, JSON.stringify(near))).toBe(1);
      const far = defects.map(({ line, kind }) => ({ line: line + 13, kind }));
      expect(await scored(row, JSON.stringify(far))).toBeLessThan(0.7);
    }
  });
});

test("coverage, histories and diffs are what the sources give today", { timeout: 300_000 }, () => {
  const made = [
    ...coverageTasks(readUnits().filter((_, i) => isFull || i < 4)),
    ...flakyTasks(),
    ...reviewTasks(),
  ];
  for (const { row } of made) expect(rows.find(({ id }) => id === row.id)).toEqual(row);
  expect(made.length).toBeGreaterThan(30);
});
