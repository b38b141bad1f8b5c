import { fileURLToPath } from "node:url";
import { z } from "zod";
import { WorkbenchError } from "../../../errors/error.ts";
import type { Score } from "../../../schema/run.ts";
import type { Effects } from "../../../store/effects.ts";
import { realEffects } from "../../../store/effects.ts";
import type { Limits } from "../../sandbox/limits.ts";
import { runIsolated, type Ended, type Mode } from "../../sandbox/run.ts";
import type { Scored, Scorer } from "../../types.ts";
import { defineScorer, unscored, wrong, type ScorerOptions } from "../define.ts";
import { memberAt } from "../json.ts";
import { codeIn } from "./code-in.ts";

export type Language = "python" | "javascript" | "typescript";

export interface CodeOptions extends ScorerOptions {
  readonly language: Language;
  /** The member of `expected` that lists the tests: source texts, each run after the answer. Default `tests`. */
  readonly tests?: string;
  /** `all`: 1 only if every test passes. `share`: the share that does. Default `all`. */
  readonly need?: "all" | "share";
  /** Source that runs before the answer: imports, fixtures. */
  readonly setup?: string;
  /** Milliseconds for each test. Default 5 000. */
  readonly eachMs?: number;
  readonly limits?: Partial<Pick<Limits, "memoryMb" | "processes" | "cpuSeconds">>;
  /** `process` runs model code with your rights on this machine; it must be asked for and is told in the result. */
  readonly sandbox?: Mode;
  /** Another interpreter: the path of its program, and the folders that it reads. */
  readonly interpreter?: { readonly command: string; readonly readable: readonly string[] };
}

const START_MS = 5_000;
const MOST_TESTS = 1000;
const DEFAULTS = {
  tests: "tests",
  need: "all" as "all" | "share",
  setup: "",
  eachMs: 5000,
  sandbox: "bwrap" as Mode,
};

/**
 * Runs the code of an answer and the row's tests in a sandbox. 1 if all pass (or the share that does).
 * A test passes when the code ran, the test ran to its end, and its process then repeated what it was
 * handed over a pipe; so `exit(0)` and printed verdicts fail. A time-out is 0: the answer's fault. A
 * sandbox that did not start is null: ours.
 *
 * When to use: code that can be run and checked by tests you trust.
 * When not to use: where no sandbox is to be had; tests written by the model that is measured.
 * Worked value: `code({language: "python"})({output: "def add(a, b): return a + b", expected: {tests: ["assert add(1, 2) == 3"]}})` gives `{value: 1}`.
 */
export function code(options: CodeOptions, effects: Effects = realEffects): Scorer {
  const { as, threshold, ...own } = options;
  const args: Args = { ...DEFAULTS, ...own };
  if (!(args.eachMs > 0 && Number.isFinite(args.eachMs)))
    throw new WorkbenchError({
      code: "WB_SUITE_INVALID",
      where: "code({eachMs})",
      what: "a test needs a time above 0",
      fix: "eachMs: 5000",
    });
  const shared = { ...(as === undefined ? {} : { as }), ...(threshold === undefined ? {} : { threshold }) };
  const scorer = defineScorer({ name: "code", version: 1, args, options: shared }, (it) =>
    scoreCode(it, args, effects),
  );
  return args.sandbox === "process"
    ? Object.assign(scorer, { note: "model code ran without a sandbox, as was asked for" })
    : scorer;
}

type Args = CodeOptions & typeof DEFAULTS;

async function scoreCode(it: Scored, args: Args, effects: Effects): Promise<Score> {
  const listed = Array.isArray(it.expected) ? it.expected : memberAt(it.expected, args.tests);
  const tests = z.array(z.string()).min(1).max(MOST_TESTS).safeParse(listed);
  if (!tests.success) return unscored(`the row has no tests: expected.${args.tests} is no list of texts`);
  const source = codeIn(it.output);
  if (source.trim() === "") return wrong("there is no code in the answer");
  const nonce = Buffer.from(effects.random(16)).toString("hex");
  const { language, setup, eachMs } = args;
  const ran = await runIsolated(
    {
      ...(await programOf(args, effects)),
      stdin: JSON.stringify({ nonce, language, code: source, setup, tests: tests.data, eachMs }),
      limits: { ...args.limits, timeMs: START_MS + tests.data.length * (eachMs + 500), cpuSeconds: 3600 },
      mode: args.sandbox,
    },
    effects,
  );
  if (ran.kind === "refused") return unscored(`the sandbox did not start: ${ran.reason}`);
  return judged(ran, { nonce, count: tests.data.length, need: args.need });
}

async function programOf({ language, interpreter }: Args, effects: Effects) {
  const file = language === "python" ? "harness.py" : "harness.mjs";
  const source = await effects.read(fileURLToPath(new URL(file, import.meta.url)));
  const own =
    language === "python"
      ? { command: "python3", readable: [] }
      : { command: process.execPath, readable: [process.execPath] };
  const { command, readable } = interpreter ?? own;
  const flags = language === "python" ? ["-I"] : [];
  return { command: [command, ...flags, file], readable, files: { [file]: source } };
}

const Report = z.object({ nonce: z.string(), results: z.array(z.string().nullable()) });

function judged(
  ran: Ended,
  { nonce, count, need }: { readonly nonce: string; readonly count: number; readonly need: string },
): Score {
  const lines = ran.stdout.split("\n").filter((line) => line.includes(nonce));
  if (lines.length === 0)
    return unscored(
      `the tests could not begin: ${ran.stderr.trim().slice(-200) || (ran.stopped ?? ran.exit)}`,
    );
  const evidence = { sandbox: ran.mode, tests: count };
  if (ran.stopped !== null) return { ...wrong(`stopped: too much ${ran.stopped}`), evidence };
  const report = Report.safeParse(parsed(lines.at(-1) ?? ""));
  if (!report.success || lines.length !== 2 || report.data.results.length !== count)
    return { ...wrong("the tests were not all reported"), evidence };
  const failed = report.data.results.flatMap((why, test) => (why === null ? [] : [{ test, why }]));
  const share = (count - failed.length) / count;
  const value = need === "share" ? share : Number(failed.length === 0);
  const [first] = failed;
  const told = { ...evidence, failed: failed.slice(0, 20) };
  if (!first) return { value, evidence };
  return {
    value,
    reason: `${failed.length} of ${count} fail; test ${first.test}: ${first.why}`,
    evidence: told,
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
