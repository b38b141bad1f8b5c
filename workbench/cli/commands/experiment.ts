import { Command, InvalidArgumentError } from "commander";
import { assign } from "../../decide/online/assign.ts";
import { decideOnline, healthOf } from "../../decide/online/decide-online.ts";
import { createExperiment, experimentNames, openExperiment } from "../../decide/online/experiment-file.ts";
import { ingestExposures } from "../../decide/online/exposures.ts";
import { onlineChecks } from "../../decide/online/online-record.ts";
import { rolloutSteps } from "../../decide/online/rollout-plan.ts";
import { rolloutState } from "../../decide/online/rollout-state.ts";
import { simulate } from "../../decide/online/simulate.ts";
import { step, stopRamp, type Stepped } from "../../decide/online/step.ts";
import { readLog } from "../../decide/log.ts";
import { printable } from "../../errors/printable.ts";
import { workspaceKey } from "../../ingest/key.ts";
import { loadConfig } from "../../store/config.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import type { Output } from "../output.ts";
import { EXIT_OF_VERDICT, printDecision } from "../print-decision.ts";
import { printExperiment, printSimulation } from "../print-experiment.ts";

export function command(): Command {
  const experiment = new Command("experiment").action(
    withContext(async ({ project, out, effects }) => {
      const names = await experimentNames(project, effects);
      if (names.length === 0)
        out.note("no experiment here yet: workbench experiment create <name> --policy <name>");
      for (const name of names) {
        const { question } = (await openExperiment(project, name, effects)).policy;
        const { percent, isBack, since } = rolloutState((await readLog(project, effects)).rows, name);
        const stage = since === null ? "no ramp yet" : isBack ? `taken back to ${percent} %` : `${percent} %`;
        out.line(`${name.padEnd(24)}  ${stage.padEnd(18)}  ${printable(question)}`);
      }
      out.result(names);
      return 0;
    }),
  );
  addSetup(experiment);
  addEvidence(experiment);
  addReading(experiment);
  addRamp(experiment);
  addSimulation(experiment);
  return experiment;
}

interface CreateOptions {
  readonly policy: string;
  readonly decision?: string;
  readonly baseline?: string;
  readonly candidate?: string;
  readonly startsAt?: string;
}

function addSetup(experiment: Command): void {
  experiment
    .command("create")
    .argument("<name>", "a name of its own; an experiment is never edited")
    .description("write evals/experiments/<name>.json with its rules inside, and pin it in the log")
    .requiredOption("--policy <name>", "a policy of evals/policies, or its file")
    .option("--decision <run>", "the offline go that opens it; names both arms")
    .option("--baseline <model>", "what runs now, where there is no offline decision")
    .option("--candidate <model>", "what is tried, where there is no offline decision")
    .option("--starts-at <time>", "exposures before it do not count (default: now)", instant)
    .action(
      withContext(async ({ project, out, effects }, name: string, options: CreateOptions) => {
        const made = await createExperiment({ project, name, ...options }, effects);
        out.line(`${out.paint.green("✓")} ${made.name}  ${printable(made.policy.question)}`);
        const { online, looks } = made.policy;
        out.line(
          `  ${printable(made.candidate.model)} against ${printable(made.baseline.model)}, by ${online.unit}, salt ${printable(made.salt)}`,
        );
        out.line(
          `  looks: ${looks.plan}${looks.plan === "group-sequential" ? `, ${looks.max} at most (${looks.spending})` : ""}; a go needs ${online.minUnits} units in the smaller arm and ${online.minDays} days`,
        );
        out.line(
          `  ladder: ${rolloutSteps(made.policy)
            .map(({ percent, check }) => `${percent} % ${check}`)
            .join(" → ")}`,
        );
        out.result(made);
        return 0;
      }),
    );
  experiment
    .command("assign")
    .argument("<name>", "the experiment")
    .argument("<units...>", "units as the application knows them")
    .description("bucket and arm of units, at the ramp's present stage or another")
    .option("--percent <n>", "per cent of traffic on the candidate", percent)
    .action(
      withContext(
        async (
          { project, out, effects },
          name: string,
          units: readonly string[],
          options: { readonly percent?: number },
        ) => {
          const { salt, policy } = await openExperiment(project, name, effects);
          const { split } = policy.online;
          const state = rolloutState((await readLog(project, effects)).rows, name);
          const at = options.percent ?? (state.since === null ? 100 * split[1] : state.percent);
          const assigned = units.map((unit) => assign(unit, { salt, percent: at, split }));
          for (const { unit, bucket, arm } of assigned)
            out.line(`${String(bucket).padStart(4)}  ${(arm ?? "not in it").padEnd(9)}  ${printable(unit)}`);
          out.result(assigned);
          return 0;
        },
      ),
    );
}

function addEvidence(experiment: Command): void {
  experiment
    .command("ingest")
    .argument("<files...>", "exposure logs, one JSON object a line (docs/experiments.md)")
    .description("read exposure logs; every line is stored, blank or in quarantine with its reason")
    .action(
      withContext(async ({ project, out, effects }, sources: readonly string[]) => {
        const key = await workspaceKey(await loadConfig(project, effects), effects);
        const manifests = await ingestExposures({ project, sources, key }, effects);
        for (const { source, counts, id } of manifests) {
          out.line(
            `${out.paint.green("✓")} ${printable(source.name)}  ${counts.stored} exposures, ${counts.quarantined} in quarantine, ${counts.blank} blank lines`,
          );
          if (counts.quarantined > 0)
            out.line(out.paint.dim(`  why: .workbench/exposures/${id}/quarantine.jsonl`));
        }
        out.result(manifests);
        return 0;
      }),
    );
}

function addReading(experiment: Command): void {
  experiment
    .command("status")
    .argument("<name>", "the experiment")
    .description("health, units and the next look; reads no effect and spends no look")
    .action(
      withContext(async ({ project, out, effects }, name: string) => {
        const found = await healthOf({ project, name }, effects);
        const checks = onlineChecks(found);
        const state = rolloutState((await readLog(project, effects)).rows, name);
        printExperiment({ ...found, checks, state }, out);
        out.result({ experiment: name, checks, look: found.look, counts: found.counts, rollout: state });
        return checks.every((check) => check.passed || check.severity !== "invalid") ? 0 : 6;
      }),
    );
  experiment
    .command("decide")
    .argument("<name>", "the experiment")
    .description("judge it at a planned look, and record the decision; asking for more is a look")
    .option("--until <time>", "read exposures and calls before it (default: now)", instant)
    .action(
      withContext(async ({ project, out, effects }, name: string, options: { readonly until?: string }) => {
        const decided = await decideOnline({ project, name, ...options }, effects);
        printDecision(decided, out);
        out.result(decided);
        return EXIT_OF_VERDICT[decided.computed.verdict];
      }),
    );
}

function addRamp(experiment: Command): void {
  experiment
    .command("step")
    .argument("<name>", "the experiment")
    .description("one step of its ramp: triggers first, then what the stage must show")
    .action(
      withContext(async ({ project, out, effects }, name: string) => {
        const stepped = await step({ project, name }, effects);
        printStep(stepped, out);
        out.result(stepped);
        return stepped.move === "back" ? 3 : 0;
      }),
    );
  experiment
    .command("stop")
    .argument("<name>", "the experiment")
    .description("take the ramp back to the baseline by hand; it stays back")
    .requiredOption("--reason <text>", "why, for the log")
    .action(
      withContext(
        async ({ project, out, effects }, name: string, { reason }: { readonly reason: string }) => {
          const stopped = await stopRamp({ project, name, reason }, effects);
          printStep(stopped, out);
          out.result(stopped);
          return 0;
        },
      ),
    );
}

interface SimulateOptions {
  readonly on: "logs" | "model";
  readonly runs: number;
  readonly seed: number;
  readonly unitsPerDay: number;
}

function addSimulation(experiment: Command): void {
  experiment
    .command("simulate")
    .argument("<policy>", "a policy of evals/policies, or its file")
    .description("what a policy would say of candidates whose truth is known: shares, days, false rollbacks")
    .option(
      "--on <what>",
      "logs: units of the stored calls; model: the policy's planning figures",
      source,
      "logs",
    )
    .option("--runs <n>", "experiments per truth", count, 400)
    .option("--seed <n>", "the same seed gives the same table", count, 7)
    .option("--units-per-day <n>", "new units a day in both arms together", count, 300)
    .action(
      withContext(async ({ project, out, effects }, policy: string, options: SimulateOptions) => {
        const simulated = await simulate({ project, policy, ...options }, effects);
        printSimulation(simulated, out);
        out.result(simulated);
        return 0;
      }),
    );
}

function printStep({ experiment, move, reason, state }: Stepped, out: Output): void {
  const colour =
    move === "back" || move === "stop" ? out.paint.red : move === "hold" ? out.paint.yellow : out.paint.green;
  out.line(`${colour(move)}  ${experiment} at ${state.percent} %: ${printable(reason)}`);
}

function instant(text: string): string {
  if (!Number.isNaN(Date.parse(text)) && /^\d{4}-\d\d-\d\d/.test(text)) return new Date(text).toISOString();
  throw new InvalidArgumentError("a time such as 2026-11-20T12:00:00Z");
}

function percent(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value <= 100) return value;
  throw new InvalidArgumentError("above 0, at most 100");
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1_000_000) return value;
  throw new InvalidArgumentError("a whole number from 1");
}

function source(text: string): "logs" | "model" {
  if (text === "logs" || text === "model") return text;
  throw new InvalidArgumentError("logs or model");
}

export const EXAMPLES: readonly Example[] = [
  ["workbench experiment", "experiments and where their ramps stand"],
  ["workbench experiment create small-model --policy support-online --decision 2b19c0d8a4f1"],
  ["workbench experiment assign small-model user-000123 user-000124"],
  ["workbench experiment ingest logs/exposures-2026-11-20.jsonl"],
  ["workbench experiment status small-model"],
  ["workbench experiment decide small-model --json"],
  ["workbench experiment step small-model", "from a timer, every few minutes"],
  ['workbench experiment stop small-model --reason "support asked for it"'],
  ["workbench experiment simulate support-online --on model --runs 1000"],
];

export const NOTES = `
Exit codes: decide ends in 0 go, 3 no-go, 4 inconclusive, 6 invalid; step in 3 when the ramp goes back;
status in 6 when the comparison cannot be read. docs/experiments.md works one example through.`;
