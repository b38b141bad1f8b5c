import { Command, InvalidArgumentError } from "commander";
import { budgetStates } from "../../decide/budgets.ts";
import { businessCase } from "../../decide/business-case.ts";
import { costAdvice } from "../../decide/cost-advice.ts";
import { projectCard } from "../../decide/cost-project.ts";
import { costReport } from "../../decide/cost-report.ts";
import { decisionOf } from "../../decide/decision-files.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import { printAdvice, printBudget, printCase, printProjection, printReport } from "../print-cost.ts";

interface ProjectOptions {
  readonly perDay?: number;
  readonly oneOff: number;
  readonly upkeep: number;
  readonly discount: number;
  readonly scenario?: string;
}

export function command(): Command {
  const cost = new Command("cost");
  cost
    .command("report")
    .description("what runs and logged calls cost, by what it was for; blank is not known")
    .action(
      withContext(async ({ project, out, effects }) => {
        const report = await costReport(project, effects);
        printReport(report, out);
        out.result(report);
        return 0;
      }),
    );
  cost.addCommand(projectCommand());
  cost
    .command("advise")
    .description("what would cost less, each with its saving, interval and assumption; estimated from logs")
    .action(
      withContext(async ({ project, out, effects }) => {
        const found = await costAdvice(project, effects);
        if (found.length === 0) out.note("the logs show nothing to save, or hold no priced call");
        for (const one of found.slice(0, 15)) printAdvice(one, out);
        if (found.length > 15) out.line(out.paint.dim(`and ${found.length - 15} more: --json`));
        out.result(found);
        return 0;
      }),
    );
  cost
    .command("budgets")
    .description("what is spent of every declared budget; exit 3 with --check when one is over")
    .option("--check", "for a gateway or a pipeline: fail when a budget is over")
    .action(
      withContext(async ({ project, out, effects }, { check }: { readonly check?: boolean }) => {
        const states = await budgetStates(project, effects);
        if (states.length === 0) out.note("no budget is declared: budgets: in workbench.config.yaml");
        for (const one of states) printBudget(one, out);
        out.result(states);
        return check === true && states.some(({ state }) => state === "over") ? 3 : 0;
      }),
    );
  return cost;
}

function projectCommand(): Command {
  return new Command("project")
    .argument("[decision]", "the decision's run (default: the latest)")
    .description("carry costs over a volume: month by month, break-even or never, and how sure that is")
    .option("--scenario <name>", "a business case of evals/scenarios/, with its ranges; no decision is read")
    .option("--per-day <n>", "requests a day, all agents together", amount)
    .option("--one-off <usd>", "labels, evaluation and engineering, paid once", amount, 0)
    .option("--upkeep <usd>", "paid each month for the new way beside its requests", amount, 0)
    .option("--discount <share>", "of a year, for the net present value", amount, 0.1)
    .action(
      withContext(
        async ({ project, out, effects }, decision: string | undefined, options: ProjectOptions) => {
          if (options.scenario !== undefined) {
            const found = await businessCase(project, options.scenario, effects);
            printCase(found, out);
            out.result(found);
            return 0;
          }
          if (options.perDay === undefined) throw needsVolume();
          const { decision: record } = await decisionOf(project, decision ?? "latest", effects);
          const projected = projectCard(record.computed.cost, {
            requestsPerDay: options.perDay,
            oneOffUsd: options.oneOff,
            monthlyUpkeepUsd: options.upkeep,
            yearlyDiscount: options.discount,
          });
          printProjection(projected, out);
          out.result(projected);
          return 0;
        },
      ),
    );
}

function needsVolume(): WorkbenchError {
  return new WorkbenchError({
    code: "WB_USAGE",
    where: "cost project",
    what: "a projection needs a volume",
    fix: "--per-day 50000, or --scenario <name> for a case with ranges",
  });
}

function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("a number, 0 or more");
  return value;
}

export const EXAMPLES: readonly Example[] = [
  ["workbench cost report"],
  ["workbench cost project --per-day 50000 --one-off 11600 --upkeep 667"],
  ["workbench cost project --scenario support-lora", "ranges, probabilities, a tornado"],
  ["workbench cost advise"],
  ["workbench cost budgets --check"],
  ["workbench cost project 2b19c0d8a4f1 --per-day 50000 --json"],
];
