import { Command } from "commander";
import { decide } from "../../decide/decide.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import { EXIT_OF_VERDICT, printDecision } from "../print-decision.ts";

interface Options {
  readonly policy: string;
  readonly baseline?: string;
  readonly candidate?: string;
  readonly baselineRun?: string;
  readonly experiment?: string;
}

export function command(): Command {
  return new Command("decide")
    .argument("[eval-run]", "the eval run that holds both arms", "latest")
    .requiredOption("--policy <name>", "a policy of evals/policies, or its file")
    .option("--baseline <arm>", "the arm to beat (default: baseline)")
    .option("--candidate <arm>", "the arm to judge (default: the run's only other arm)")
    .option("--baseline-run <run>", "take the baseline from another eval run of the same suite")
    .option("--experiment <name>", "the question that joins this decision with other runs")
    .action(
      withContext(async ({ project, out, effects }, evalRun: string, options: Options) => {
        const decided = await decide({ project, evalRun, ...options }, effects);
        printDecision(decided, out);
        out.result(decided);
        return EXIT_OF_VERDICT[decided.computed.verdict];
      }),
    );
}

export const EXAMPLES: readonly Example[] = [
  ["workbench decide --policy support-routing"],
  ["workbench decide 4ddbabf545ed --policy support-routing --baseline tiny-sft --candidate tiny-dpo"],
  ["workbench decide latest --policy preset-f --json"],
];

export const NOTES = `
Exit codes: 0 go, 3 no-go, 4 inconclusive, 6 invalid. docs/verdicts.md says what each one means.`;
