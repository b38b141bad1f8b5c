/**
 * Runs the workbench on published logs and results of real models and compares what comes out with
 * the published figures: `npm run check:real-data`. One line a figure: name, expected, got. The
 * recordings are not part of the project; without them this says so and ends well.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { readInteractions } from "../workbench/catalog/interactions.ts";
import { decide } from "../workbench/decide/decide.ts";
import { ingest } from "../workbench/ingest/ingest.ts";
import { buildReport } from "../workbench/report/build.ts";
import type { SampleRow } from "../workbench/schema/run.ts";
import { clusteredMean } from "../workbench/stats/clustered-mean.ts";
import { isRefused } from "../workbench/stats/refused.ts";
import { winRate } from "../workbench/stats/win-rate.ts";
import { loadConfig } from "../workbench/store/config.ts";
import { PAGE, workedExamples } from "./real-data/page.ts";
import { evaluateRecorded as run, project, recordings as data } from "./real-data/evaluate.ts";

let [passed, failed] = [0, 0];

/** Prints one figure and counts it: numbers agree when they round to the digits that were published. */
function figure(name: string, expected: string | number, got: string | number): void {
  const [want, have] = [String(expected), typeof got === "number" ? rounded(got, expected) : got];
  const ok = want === have;
  if (ok) passed++;
  else failed++;
  console.log(
    `${ok ? "ok " : "BAD"}  ${name.padEnd(58)} expected ${want.padStart(14)}  got ${have.padStart(14)}`,
  );
}

function rounded(got: number, expected: string | number): string {
  const digits = /\.(\d+)/.exec(String(expected))?.[1]?.length ?? 0;
  return got.toFixed(digits);
}

async function conversations(): Promise<void> {
  const config = await loadConfig(project);
  const mapping = join(project.evals, "real-data", "tau-bench.mapping.yaml");
  const label = "tau-bench";
  await ingest({
    project,
    config,
    sources: [join(data, "tau-bench/gpt-4o-airline.json.gz")],
    mapping,
    label,
  });
  let [stored, rewarded, withTools, redacted] = [0, 0, 0, 0];
  for await (const row of readInteractions(project, { labels: [label] })) {
    stored++;
    if (row.task_completed === true) rewarded++;
    if (row.tools_used.length > 0) withTools++;
    redacted += Object.values(row.redactions).reduce((sum, count) => sum + count, 0);
  }
  figure("tau-bench: conversations stored", 200, stored);
  figure("tau-bench: of these with reward 1", 84, rewarded);
  // Counted in the file itself: 182 of the 200 recordings hold at least one tool call.
  figure("tau-bench: of these with tool calls", 182, withTools);
  figure("tau-bench: personal data was redacted", "yes", redacted > 0 ? "yes" : "no");
  console.log(`     ${redacted} redactions in ${stored} conversations; workbench logs --limit 1 shows one`);
}

async function questions(): Promise<void> {
  const { id, rows } = await run("gsm8k");
  const right = (arm: string): ReadonlySet<string> =>
    new Set(
      rows.filter((row) => row.arm === arm && row.scores["correct"]?.value === 1).map((row) => row.sampleId),
    );
  for (const [arm, count] of [
    ["6b_finetuning", 286],
    ["6b_verification", 515],
    ["175b_finetuning", 458],
    ["175b_verification", 742],
  ] as const)
    figure(`gsm8k: ${arm} right of 1 319`, count, right(arm).size);
  for (const [size, both, first, second, neither] of [
    ["6b", 222, 64, 293, 740],
    ["175b", 382, 76, 360, 501],
  ] as const) {
    const { computed } = await decide({
      project,
      evalRun: id,
      policy: "gsm8k",
      baseline: `${size}_finetuning`,
      candidate: `${size}_verification`,
    });
    const { flips } = computed;
    figure(
      `gsm8k ${size}: both, first only, second only, neither`,
      [both, first, second, neither].join(" "),
      [flips.bothRight, flips.broken, flips.fixed, flips.bothWrong].join(" "),
    );
    const effect = computed.effects.find(({ role }) => role === "primary");
    if (size === "6b") {
      figure("gsm8k 6b: difference", "0.1736", effect?.estimate ?? NaN);
      figure("gsm8k 6b: Tango 95 %, lower", "0.1474", effect?.lower ?? NaN);
      figure("gsm8k 6b: Tango 95 %, upper", "0.2004", effect?.upper ?? NaN);
    }
    figure(`gsm8k ${size}: verdict`, "go", computed.verdict);
  }
}

async function judgements(): Promise<void> {
  const { id, rows } = await run("alpaca-eval");
  for (const [arm, name, rate, error] of [
    ["baseline", "gpt-3.5-turbo-1106", "9.178", "0.890"],
    ["candidate", "OpenHermes-2.5-Mistral-7B", "10.340", "0.936"],
  ] as const) {
    const scores = rows.filter((row) => row.arm === arm).map((row) => row.scores["win"]?.value ?? NaN);
    const found = winRate({ scores }, 0.025);
    figure(`alpaca-eval: ${name} win rate, %`, rate, isRefused(found) ? NaN : found.estimate * 100);
    figure(
      `alpaca-eval: ${name} standard error`,
      error,
      isRefused(found) ? NaN : (found.standardError ?? NaN) * 100,
    );
  }
  const { computed } = await decide({ project, evalRun: id, policy: "alpaca-eval" });
  figure("alpaca-eval: OpenHermes against gpt-3.5", "inconclusive", computed.verdict);
}

async function trials(): Promise<void> {
  const { id, rows } = await run("tau-bench");
  const value = (row: SampleRow): number => row.scores["reward"]?.value ?? NaN;
  figure("tau-bench: trials that succeed, of 200", 84, rows.filter((row) => value(row) === 1).length);
  const found = clusteredMean(
    { values: rows.map(value), clusters: rows.map((row) => row.cluster ?? row.sampleId) },
    0.025,
  );
  figure(
    "tau-bench: standard error, clustered by task",
    "0.052",
    isRefused(found) ? NaN : (found.standardError ?? NaN),
  );
  const result = JSON.parse(await readFile(join(project.runs, id, "result.json"), "utf8")) as {
    metrics: Record<string, Record<string, number>>;
  };
  const metrics = result.metrics["gpt-4o"] ?? {};
  for (const [name, want] of Object.entries({
    passHat2: "0.273",
    passHat3: "0.22",
    passHat4: "0.20",
    passAt2: "0.567",
    passAt3: "0.66",
    passAt4: "0.72",
  }))
    figure(`tau-bench: ${name}`, want, metrics[`reward.${name}`] ?? NaN);
  const { computed } = await decide({
    project,
    evalRun: id,
    policy: "tau-bench",
    baseline: "gpt-4o",
    candidate: "gpt-4o",
  });
  figure("tau-bench: a model against itself wins", "no", computed.verdict === "go" ? "yes" : "no");
}

async function examples(): Promise<void> {
  const isSame = (await readFile(PAGE, "utf8")) === (await workedExamples());
  figure("docs/worked-examples.md says what the records say", "yes", isSame ? "yes" : "no");
}

if (!existsSync(data)) {
  console.log(
    `skipped: no recordings at ${relative(process.cwd(), data) || data}; WORKBENCH_REAL_DATA names another folder`,
  );
} else {
  for (const check of [conversations, questions, judgements, trials, examples]) await check();
  const { index } = await buildReport({ project });
  console.log(`\nverdict pages: ${relative(process.cwd(), index)}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
