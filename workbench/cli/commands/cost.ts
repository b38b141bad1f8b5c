import { Command, InvalidArgumentError } from "commander";
import {
  costReport,
  project as projectCost,
  type Projected,
  type RunCost,
} from "../../decide/cost-report.ts";
import { decisionOf } from "../../decide/decision-files.ts";
import { amountText } from "../../decide/rule.ts";
import { printable } from "../../errors/printable.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import type { Output } from "../output.ts";

interface ProjectOptions {
  readonly perDay: number;
  readonly oneOff: number;
  readonly upkeep: number;
  readonly discount: number;
}

export function command(): Command {
  const cost = new Command("cost");
  cost
    .command("report")
    .description("what every finished run cost; blank is not known")
    .action(
      withContext(async ({ project, out, effects }) => {
        const costs = await costReport(project, effects);
        if (costs.length === 0) out.note("no finished eval or training run yet");
        for (const one of costs) printRun(one, out);
        out.result(costs);
        return 0;
      }),
    );
  cost
    .command("project")
    .argument("[decision]", "the decision's run (default: the latest)")
    .description("carry a decision's cost over a volume: month by month, break-even or never")
    .requiredOption("--per-day <n>", "requests a day, all agents together", amount)
    .option("--one-off <usd>", "labels, evaluation and engineering, paid once", amount, 0)
    .option("--upkeep <usd>", "paid each month for the new way beside its requests", amount, 0)
    .option("--discount <share>", "of a year, for the net present value", amount, 0.1)
    .action(
      withContext(
        async ({ project, out, effects }, decision: string | undefined, options: ProjectOptions) => {
          const { decision: record } = await decisionOf(project, decision ?? "latest", effects);
          const projected = projectCost(record.computed.cost, {
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
  return cost;
}

function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("a number, 0 or more");
  return value;
}

function money(usd: number | null): string {
  if (usd === null) return "not known";
  return `${usd < 0 ? "−" : ""}${amountText(usd, "usd")}`;
}

function printRun(cost: RunCost, out: Output): void {
  const parts =
    cost.requests === null
      ? `training ${money(cost.trainingUsd)}, ${(cost.trainingSeconds ?? 0).toFixed(0)} s`
      : `requests ${money(cost.requestUsd)} (${cost.pricedRequests ?? 0} of ${cost.requests} priced), judges ${money(cost.judgeUsd)}`;
  out.line(`${cost.run}  ${cost.kind.padEnd(6)}  ${printable(cost.name).padEnd(28)}  ${parts}`);
}

function printProjection(it: Projected, out: Output): void {
  out.line(
    `a month   ${money(it.baselineUsdPerMonth)} → ${money(it.candidateUsdPerMonth)}, saving ${money(it.monthlySavingUsd)}`,
  );
  out.line(`one-off   ${money(it.oneOffUsd)}`);
  const months = it.breakEvenMonths;
  out.line(
    `pays back ${months === null ? "not known" : months === "never" ? "never" : `after ${months.toFixed(1)} months`}`,
  );
  if (it.netPresentValueUsd !== null)
    out.line(
      `present value ${money(it.netPresentValueUsd.months12)} after 12 months, ${money(it.netPresentValueUsd.months24)} after 24`,
    );
  for (const note of it.notes) out.line(out.paint.dim(`  ${printable(note)}`));
}

export const EXAMPLES: readonly Example[] = [
  ["workbench cost report"],
  ["workbench cost project --per-day 50000 --one-off 11600 --upkeep 667"],
  ["workbench cost project 2b19c0d8a4f1 --per-day 50000 --json"],
];
