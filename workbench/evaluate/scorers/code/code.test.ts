import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { realEffects } from "../../../store/effects.ts";
import { runIsolated } from "../../sandbox/run.ts";
import { code, type Language } from "./code.ts";
import { codeIn } from "./code-in.ts";

const probe = await runIsolated({ command: ["true"] });
const boxed = test.skipIf(probe.kind === "refused" && process.env["WB_REQUIRE_ALL"] !== "1");

const ADD = {
  python: "def add(a, b):\n    return a + b",
  javascript: "function add(a, b) { return a + b }",
  typescript: "export const add = (a: number, b: number): number => a + b;",
} as const;
const TESTS = {
  python: ["assert add(1, 2) == 3", "assert add('a', 'b') == 'ab'"],
  javascript: ["assert.equal(add(1, 2), 3)", "assert.equal(await Promise.resolve(add('a', 'b')), 'ab')"],
  typescript: ["assert.equal(add(1, 2), 3)"],
} as const;

boxed.each(["python", "javascript", "typescript"] as const)(
  "%s: right code passes, wrong code fails",
  async (it) => {
    const expected = { tests: TESTS[it] };
    const right = await code({ language: it })({
      output: `Here:\n\`\`\`\n${ADD[it]}\n\`\`\`\nThat adds.`,
      expected,
    });
    expect(right).toEqual({ value: 1, evidence: { sandbox: "bwrap", tests: TESTS[it].length } });
    const half = { tests: [TESTS[it][0], `${TESTS[it][0]}\nnonsense()`] };
    const share = await code({ language: it, need: "share" })({ output: ADD[it], expected: half });
    expect(share).toMatchObject({ value: 0.5, evidence: { failed: [{ test: 1 }] } });
    expect(share.reason).toContain("nonsense");
    expect((await code({ language: it })({ output: ADD[it], expected: half })).value).toBe(0);
  },
);

const CHEATS: readonly (readonly [Language, string, string])[] = [
  ["python", "an early exit", "import os\nos._exit(0)"],
  ["python", "a polite exit", "import sys\nsys.exit(0)"],
  ["python", "a printed verdict", "print('{\"results\": [null, null]}')\nimport os\nos._exit(0)"],
  ["python", "killing who counts", "import os\nos.kill(os.getppid(), 9)"],
  [
    "python",
    "writing where the count is written",
    'open(f"/proc/{__import__("os").getppid()}/fd/1", "w").write("{}\\n")',
  ],
  ["python", "no end", "while True: pass"],
  ["python", "an exit when it is over", "import atexit, os\natexit.register(os._exit, 0)\nraise ValueError"],
  ["javascript", "an early exit", "process.exit(0)"],
  ["javascript", "no end", "for (;;);"],
  ["javascript", "an exit when it throws", "process.on('uncaughtException', () => process.exit(0)); throw 1"],
];
boxed.each(CHEATS)("%s: %s is 0", async (language, _, output) => {
  const expected = { tests: TESTS[language] };
  const score = await code({ language, eachMs: 1000, need: "share" })({ output, expected });
  expect(score.value).toBe(0);
});

boxed("a hang costs its own test only, and a row may be its list of tests", async () => {
  const output = "def f(n):\n    while n: pass\n    return n";
  const expected = ["assert f(0) == 0", "f(1)", "assert f(0) == 0"];
  const score = await code({ language: "python", eachMs: 500, need: "share" })({ output, expected });
  expect(score).toMatchObject({ value: 2 / 3, evidence: { failed: [{ test: 1, why: "it took too long" }] } });
});

boxed("many at once wait for their turn and lose no time by it", async () => {
  const expected = { tests: ["import time\nt = time.monotonic()\nwhile time.monotonic() < t + 0.2: pass"] };
  const all = Array.from({ length: availableParallelism() * 4 }, async () =>
    code({ language: "python", eachMs: 2000 })({ output: "x = 1", expected }),
  );
  expect((await Promise.all(all)).every(({ value }) => value === 1)).toBe(true);
});

test("what is ours is null: no sandbox, no interpreter, no tests; no code is 0", async () => {
  const it = { output: "x = 1", expected: { tests: ["assert x"] } };
  const none = {
    ...realEffects,
    spawn: (_: string, args: readonly string[]) => realEffects.spawn("no-bwrap", args),
  };
  expect(await code({ language: "python" }, none)(it)).toMatchObject({
    value: null,
    reason: expect.stringContaining("did not start") as string,
  });
  if (probe.kind !== "refused") {
    const interpreter = { command: "no-such-python", readable: [] };
    expect(await code({ language: "python", interpreter })(it)).toMatchObject({
      value: null,
      reason: expect.stringContaining("could not begin") as string,
    });
  }
  expect((await code({ language: "python" })({ output: "x", expected: "y" })).value).toBeNull();
  expect((await code({ language: "python" })({ ...it, output: "```\n```" })).value).toBe(0);
});

test("without a sandbox only when asked, and then it is said", async () => {
  const scorer = code({ language: "javascript", sandbox: "process" });
  expect(scorer.note).toContain("without a sandbox");
  const score = await scorer({ output: ADD.javascript, expected: { tests: TESTS.javascript } });
  expect(score).toEqual({ value: 1, evidence: { sandbox: "process", tests: 2 } });
  expect(scorer.sha256).not.toBe(code({ language: "javascript" }).sha256);
});

test("the code of an answer", () => {
  expect(codeIn("Here:\n```python\nx = 1\n```\nDone.")).toBe("x = 1\n");
  expect(codeIn("a\n~~~\nb\n```\nc\n~~~~\nd\n```\ne\n```\n")).toBe("b\n```\nc\ne\n");
  expect(codeIn("def f(): pass")).toBe("def f(): pass");
});
