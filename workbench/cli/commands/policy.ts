import { Command } from "commander";
import { declarePolicy } from "../../decide/decide.ts";
import { askingCost } from "../../decide/asking-cost.ts";
import { latestRun, openEvalRun, type EvalRun } from "../../decide/evidence.ts";
import { loadPolicy, policyNames } from "../../decide/policy.ts";
import { planOf } from "../../decide/policy-check.ts";
import { characteristics, type Characteristics } from "../../decide/simulate/characteristics.ts";
import type { Policy } from "../../schema/policy.ts";
import type { Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import { printAskingCost, printCharacteristics, printPlan } from "../print-policy.ts";
import { wholeNumber } from "../whole-number.ts";

export function command(): Command {
  const policy = new Command("policy");
  policy
    .command("check")
    .argument("[names...]", "policies of evals/policies, or their files (default: all)")
    .description("check policies, and say what each would take to decide")
    .option("--simulate [n]", "also simulate n candidates of each kind through the gate (200)", wholeNumber)
    .option("--pairs <n>", "simulate with this many pairs instead of the planned ones", wholeNumber)
    .option("--priced-by <run>", "what the pairs cost, as samples of this evaluation did (an id, or latest)")
    .action(
      withContext(async ({ project, out, effects }, names: readonly string[], options: CheckOptions) => {
        const priced = await pricedBy(project, options.pricedBy, effects);
        const wanted = names.length > 0 ? names : await policyNames(project, effects);
        const results = [];
        for (const name of wanted) {
          const { policy: rules, sha256 } = await loadPolicy(project, name, effects);
          const plan = planOf(rules);
          printPlan(out, rules, plan);
          const cost = priced && plan.pairs !== null ? askingCost(priced.rows, plan.pairs) : null;
          if (cost) printAskingCost(out, cost, rules.budget.evaluationUsd);
          const simulated = simulatedOf(rules, options);
          if (simulated) printCharacteristics(out, simulated);
          out.line(out.paint.dim(`    digest ${sha256.slice(0, 12)}, power ${rules.planning.power} in all`));
          results.push({
            name: rules.name,
            sha256,
            ...plan,
            ...(cost ? { cost } : {}),
            ...(simulated ? { simulated } : {}),
          });
        }
        if (wanted.length === 0) out.note("no policy here yet: evals/policies/<name>.yaml");
        out.result(results);
        return 0;
      }),
    );
  policy
    .command("declare")
    .argument("<name>", "a policy of evals/policies, or its file")
    .description("put a policy on record before there is evidence")
    .action(
      withContext(async ({ project, out, effects }, name: string) => {
        const { sha256 } = await declarePolicy(project, name, effects);
        out.line(`${out.paint.green("✓")} declared, digest ${sha256.slice(0, 12)}`);
        out.result({ name, sha256 });
        return 0;
      }),
    );
  return policy;
}

interface CheckOptions {
  readonly pricedBy?: string | undefined;
  readonly simulate?: number | true | undefined;
  readonly pairs?: number | undefined;
}

async function pricedBy(
  project: Project,
  run: string | undefined,
  effects: Effects,
): Promise<EvalRun | null> {
  if (run === undefined) return null;
  return openEvalRun(project, run === "latest" ? await latestRun(project, "eval", effects) : run, effects);
}

/** Only what was asked for: it takes seconds to minutes. */
function simulatedOf(rules: Policy, { simulate, pairs }: CheckOptions): Characteristics | null {
  if (simulate === undefined && pairs === undefined) return null;
  return characteristics(rules, {
    simulations: typeof simulate === "number" ? simulate : SIMULATIONS,
    pairs,
  });
}

/** Simulated comparisons of each kind, unless told. */
const SIMULATIONS = 200;

export const EXAMPLES: readonly Example[] = [
  ["workbench policy check"],
  ["workbench policy check support-routing"],
  [
    "workbench policy check support-routing --simulate",
    "how often it would let good and bad candidates through",
  ],
  ["workbench policy declare support-routing"],
];
