import { join } from "node:path";
import type { Score } from "../../schema/run.ts";
import { seeded } from "../../stats/random.ts";
import type { Effects } from "../../store/effects.ts";
import { runIsolated } from "../sandbox/run.ts";
import { codeIn } from "../scorers/code/code-in.ts";
import { unscored, wrong } from "../scorers/define.ts";
import { behind, carriesCopy, exportsOf, rewritten } from "./hide.ts";
import type { Mutant, QeExpected, QeInput } from "./task.ts";

type Task = QeInput & { readonly category: "test-generation" };

/** Of one version's tests; a mutant that hangs is killed by its time-out. */
const EACH_MS = 10_000;

/**
 * The share of planted mutants that an answer's tests kill. They must pass for the right source and for
 * the same source written with other blanks and comments, else it is 0; so it is where they carry a copy of the
 * source, which is no oracle. Every version stands behind a face that shows nothing of its text. All runs in
 * one sandbox, in an order the tests cannot know.
 * Unscored where the sandbox cannot be had. Worked value: 3 of 4 mutants killed is 0.75.
 */
export async function scoreTests(
  output: string,
  { language, source }: Task,
  { mutants }: QeExpected<"test-generation">,
  effects: Effects,
): Promise<Score> {
  const tests = codeIn(output);
  if (tests.trim() === "") return wrong("the answer holds no code");
  if (carriesCopy(tests, source)) return wrong("the tests carry a copy of the source, which is no oracle");
  const versions = [
    ["right", source],
    ["rewritten", rewritten(source, language)],
    ...mutants.map((mutant, i) => [`mutant ${i + 1}`, mutated(source, mutant)]),
  ];
  const nonce = Buffer.from(effects.random(16)).toString("hex");
  const exported = exportsOf(source);
  const faces = versions.map(([name, text = ""]) => [name, behind(text, language, exported)]);
  const order = shuffled(faces, Buffer.from(effects.random(4)).readUInt32BE());
  const isNode = language === "javascript";
  const name = isNode ? "harness.mjs" : "harness.py";
  const ran = await runIsolated(
    {
      command: isNode ? [process.execPath, name] : ["python3", "-I", name],
      files: { [name]: await effects.read(join(import.meta.dirname, name)) },
      stdin: JSON.stringify({ nonce, tests, versions: order, eachMs: EACH_MS }),
      limits: { timeMs: (versions.length + 1) * EACH_MS, cpuSeconds: 60 },
      readable: isNode ? [process.execPath] : [],
    },
    effects,
  );
  if (ran.kind === "refused") return unscored(`no sandbox: ${ran.reason}`);
  const results = resultsIn(ran.stdout, nonce);
  if (results === null)
    return wrong(`the tests broke off the check (${ran.stopped ?? `exit ${ran.exit ?? ""}`})`);
  if (results["right"] !== "passed") return wrong("the tests fail for the right source");
  if (results["rewritten"] !== "passed") return wrong("the tests fail for the same source written otherwise");
  const alive = mutants.filter((_, i) => results[`mutant ${i + 1}`] === "passed");
  return {
    value: (mutants.length - alive.length) / mutants.length,
    evidence: { alive: alive.map(({ line, to }) => `${line}: ${to.trim()}`) },
  };
}

export function mutated(source: string, { line, to }: Mutant): string {
  return source
    .split("\n")
    .map((old, i) => (i === line - 1 ? to : old))
    .join("\n");
}

function shuffled<T>(list: readonly T[], seed: number): readonly T[] {
  const random = seeded(seed);
  return list
    .map((item) => [random.uniform(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

function resultsIn(stdout: string, nonce: string): Readonly<Record<string, string>> | null {
  for (const line of stdout.split("\n").reverse()) {
    if (!line.includes(nonce)) continue;
    try {
      const found = JSON.parse(line) as { nonce: string; results: Record<string, string> };
      if (found.nonce === nonce) return found.results;
    } catch {
      continue;
    }
  }
  return null;
}
