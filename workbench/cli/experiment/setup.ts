import { InvalidArgumentError, type Command } from "commander";
import { readLog } from "../../decide/log.ts";
import { assign } from "../../decide/online/assign.ts";
import { createExperiment, openExperiment } from "../../decide/online/experiment-file.ts";
import { rolloutSteps } from "../../decide/online/rollout-plan.ts";
import { rolloutState } from "../../decide/online/rollout-state.ts";
import { printable } from "../../errors/printable.ts";
import { withContext } from "../context.ts";
import { instant } from "./instant.ts";

interface CreateOptions {
  readonly policy: string;
  readonly decision?: string;
  readonly baseline?: string;
  readonly candidate?: string;
  readonly startsAt?: string;
}

/** `create` and `assign`: who is in it, under which rules. */
export function addSetup(experiment: Command): void {
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

function percent(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value <= 100) return value;
  throw new InvalidArgumentError("above 0, at most 100");
}
