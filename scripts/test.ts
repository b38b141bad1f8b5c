/**
 * The whole test command: `npm test`. Formatting, lint and types beside the trainer's own tests, each of
 * which keeps one core busy; then every TypeScript test, which takes all. Ends with one line `N passed, N failed`. Needs beyond npm (Python, Chromium, real
 * data) are skipped with a line that says so, unless WB_REQUIRE_ALL=1 (CI), where they must be there.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "..");
const BIN = join(ROOT, "node_modules", ".bin");
const only = process.argv.slice(2);

interface Count {
  passed: number;
  failed: number;
}

type Run = (program: string, args: readonly string[]) => Promise<number>;

interface Stage {
  readonly name: string;
  readonly run: (run: Run) => Promise<Count>;
}

const ENV = { ...process.env, PATH: `${BIN}${delimiter}${process.env["PATH"] ?? ""}` };

/** Runs a program with the project's own Node first on the path; its output is ours. */
const alone: Run = (program, args) =>
  new Promise((done, failed) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"], env: ENV });
    child.once("error", failed);
    child.once("close", (code) => done(code ?? 1));
  });

/** The same beside another stage: each line says which one it comes from. */
const beside =
  (name: string): Run =>
  (program, args) =>
    new Promise((done, failed) => {
      const child = spawn(program, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: ENV });
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on("line", (line) => console.log(`${name.padEnd(8)}│ ${line}`));
      child.once("error", failed);
      child.once("close", (code) => done(code ?? 1));
    });

const check =
  (program: string, ...args: readonly string[]) =>
  async (run: Run): Promise<Count> =>
    (await run(join(BIN, program), args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };

/** Two lanes that run side by side, each stage after the one before it. */
const LANES: readonly (readonly Stage[])[] = [
  [
    { name: "format", run: check("prettier", "--check", "--log-level", "warn", ".") },
    { name: "lint", run: check("eslint", ".", "--max-warnings", "0") },
    { name: "types", run: check("tsc", "--noEmit") },
  ],
  [{ name: "trainer", run: trainerTests }],
];
const TESTS: Stage = { name: "tests", run: vitest };

/** pytest in the locked environment, which is made first: the tests that train need it too. */
async function trainerTests(run: Run): Promise<Count> {
  const results = join(await mkdtemp(join(tmpdir(), "wb-pytest-")), "results.xml");
  const code = await run(process.execPath, [join(ROOT, "scripts", "trainer-tests.ts"), results]);
  const text = await readFile(results, "utf8").catch(() => null);
  if (text === null) return { passed: 0, failed: code === 0 ? 0 : 1 };
  const total = (name: string): number =>
    Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(text)?.[1] ?? 0);
  const failed = total("failures") + total("errors");
  return { passed: total("tests") - failed - total("skipped"), failed: failed || (code === 0 ? 0 : 1) };
}

async function vitest(run: Run): Promise<Count> {
  const results = join(await mkdtemp(join(tmpdir(), "wb-vitest-")), "results.json");
  const code = await run(join(BIN, "vitest"), [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${results}`,
  ]);
  const text = await readFile(results, "utf8").catch(() => null);
  if (text === null) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(text) as Record<string, number>;
  // A file that cannot even be loaded has no failed test, only a failed suite.
  const failed = numFailedTests || (numFailedTestSuites ?? 0);
  return { passed: numPassedTests ?? 0, failed: failed || (code === 0 ? 0 : 1) };
}

const sum: Count = { passed: 0, failed: 0 };
const isAsked = ({ name }: Stage): boolean => only.length === 0 || only.includes(name);

async function stage({ name, run }: Stage, how: Run): Promise<void> {
  const start = performance.now();
  console.log(`\n── ${name}`);
  const { passed, failed } = await run(how);
  console.log(
    `── ${name}: ${failed === 0 ? "ok" : "FAILED"} in ${((performance.now() - start) / 1000).toFixed(0)} s`,
  );
  sum.passed += passed;
  sum.failed += failed;
}

await Promise.all(
  LANES.map(async (lane) => {
    for (const one of lane.filter(isAsked)) await stage(one, beside(one.name));
  }),
);
if (isAsked(TESTS)) await stage(TESTS, alone);
console.log(`\n${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed === 0 && sum.passed > 0 ? 0 : 1;
