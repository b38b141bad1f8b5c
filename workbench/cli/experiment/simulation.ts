import { InvalidArgumentError, type Command } from "commander";
import { simulate } from "../../decide/online/simulate.ts";
import { withContext } from "../context.ts";
import { printSimulation } from "../print-experiment.ts";

interface SimulateOptions {
  readonly on: "logs" | "model";
  readonly runs: number;
  readonly seed: number;
  readonly unitsPerDay: number;
}

/** `simulate`: how often a policy would be wrong. */
export function addSimulation(experiment: Command): void {
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

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1_000_000) return value;
  throw new InvalidArgumentError("a whole number from 1");
}

function source(text: string): "logs" | "model" {
  if (text === "logs" || text === "model") return text;
  throw new InvalidArgumentError("logs or model");
}
