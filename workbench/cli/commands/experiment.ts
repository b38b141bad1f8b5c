import { Command } from "commander";
import { readLog } from "../../decide/log.ts";
import { experimentNames, openExperiment } from "../../decide/online/experiment-file.ts";
import { rolloutState } from "../../decide/online/rollout-state.ts";
import { printable } from "../../errors/printable.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import { addEvidence } from "../experiment/evidence.ts";
import { addRamp } from "../experiment/ramp.ts";
import { addReading } from "../experiment/reading.ts";
import { addSetup } from "../experiment/setup.ts";
import { addSimulation } from "../experiment/simulation.ts";

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
