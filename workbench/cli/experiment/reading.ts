import type { Command } from "commander";
import { readLog } from "../../decide/log.ts";
import { decideOnline, healthOf } from "../../decide/online/decide-online.ts";
import { onlineChecks } from "../../decide/online/online-record.ts";
import { rolloutState } from "../../decide/online/rollout-state.ts";
import { withContext } from "../context.ts";
import { EXIT_OF_VERDICT, printDecision } from "../print-decision.ts";
import { printExperiment } from "../print-experiment.ts";
import { instant } from "./instant.ts";

/** `status` and `decide`: what may be seen of it, and when. */
export function addReading(experiment: Command): void {
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
