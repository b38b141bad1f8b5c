import type { Advice } from "../cost/advice.ts";
import type { BreakEven } from "../cost/scenario.ts";
import type { BudgetState } from "../decide/budgets.ts";
import type { BusinessCase } from "../decide/business-case.ts";
import type { Projected } from "../decide/cost-project.ts";
import type { CostReport, LogCostsView, RunCost } from "../decide/cost-report.ts";
import { printable } from "../errors/printable.ts";
import { money } from "./money.ts";
import type { Output } from "./output.ts";

const percent = (share: number): string =>
  `${(share * 100).toFixed(share < 0.1 && share > 0 ? 1 : 0).replace("-", "−")} %`;

export function printBudget({ budget, limitUsd, spentUsd, unpriced, state }: BudgetState, out: Output): void {
  const mark = { ok: "ok", alert: out.paint.yellow("80 %"), over: out.paint.red("over") }[
    state as "ok" | "alert" | "over"
  ] as string | undefined;
  const of = spentUsd === null ? "" : `${money(spentUsd)} of `;
  const blind = unpriced === 0 ? "" : `; ${unpriced} calls have no known price`;
  out.line(`${budget.padEnd(28)} ${of}${money(limitUsd)}  ${mark ?? state}${blind}`);
}

export function printAdvice(it: Advice, out: Output): void {
  const interval =
    it.lower === null || it.upper === null
      ? `no interval: ${it.blank ?? "not known"}`
      : `${money(it.lower)} to ${money(it.upper)}`;
  out.line(
    `${it.kind.padEnd(16)} ${money(it.savingUsdPerMonth)} a month (${interval}; ${it.basis})  ${printable(it.where)}, ${it.calls} calls`,
  );
  out.line(out.paint.dim(`${" ".repeat(17)}if ${printable(it.assumption)}`));
}

export function printReport({ runs, logs, ledger, odd }: CostReport, out: Output): void {
  for (const text of odd) out.note(out.paint.yellow(text));
  if (runs.length === 0) out.note("no finished eval or training run yet");
  for (const one of runs) printRun(one, out);
  if (runs.length > 0)
    out.line(
      `all runs  answers ${money(ledger.answers.usd)}, judges ${money(ledger.judges.usd)}, training ${money(ledger.training.usd)}`,
    );
  if (logs === null) out.note("no logged call yet: workbench ingest <file>");
  else printLogs(logs, out);
}

function printRun(cost: RunCost, out: Output): void {
  const parts =
    cost.requests === null
      ? `training ${money(cost.trainingUsd)}, ${(cost.trainingSeconds ?? 0).toFixed(0)} s`
      : `requests ${money(cost.requestUsd)} (${cost.pricedRequests ?? 0} of ${cost.requests} priced), judges ${money(cost.judgeUsd)}${trouble(cost)}`;
  out.line(`${cost.run}  ${cost.kind.padEnd(6)}  ${printable(cost.name).padEnd(28)}  ${parts}`);
}

function trouble({ failed, retries }: RunCost): string {
  const parts = [failed ? `${failed} failed` : "", retries ? `${retries} retries` : ""].filter(Boolean);
  return parts.length === 0 ? "" : `, ${parts.join(", ")}`;
}

const many = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

/** What was not called cost nothing and is not unknown. */
const tally = ({ usd, count }: { readonly usd: number | null; readonly count: number }): string =>
  count === 0 ? "none" : `${money(usd)} (${count})`;

function printLogs(logs: LogCostsView, out: Output): void {
  const { total, answers, retries, failed } = logs.ledger;
  out.line();
  out.line(
    `logs  ${many(logs.calls, "call")} in ${many(logs.days, "day")}, ${(logs.requestsPerDay ?? 0).toFixed(1)} a day; priced ${total.priced} of ${total.count} calls, ${total.pricedTokens} of ${total.tokens} tokens`,
  );
  out.line(`      answers ${money(answers.usd)}, retries ${tally(retries)}, failed ${tally(failed)}`);
  if (logs.month !== null) {
    const { usdPerMonth, lower, upper, users } = logs.month;
    out.line(
      `      a month ${money(usdPerMonth)}; a later week will lie at ${money(lower)} to ${money(upper)} a month (95 %, ${users} users)`,
    );
  } else out.line(out.paint.dim(`      a month is not projected: ${logs.monthRefused ?? ""}`));
  const rows = [...logs.segments].sort((a, b) => (b.usdPerMonth ?? 0) - (a.usdPerMonth ?? 0));
  for (const { agent, taskType, model, requestsPerDay, usdPerMonth } of rows.slice(0, 12))
    out.line(
      `      ${[agent, taskType, model].map((name) => printable(name ?? "–")).join(" · ")}  ${(requestsPerDay ?? 0).toFixed(1)} a day, ${money(usdPerMonth)} a month`,
    );
  if (rows.length > 12) out.line(out.paint.dim(`      and ${rows.length - 12} more: --json`));
}

export function printProjection(it: Projected, out: Output): void {
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

/** "never", "after 61.1 months, not within the horizon of 24", "after 3.2 months". */
export function breakEvenText(it: BreakEven, horizonMonths: number): string {
  if (it === "never") return "never";
  const after = `after ${it.months.toFixed(1)} months`;
  return it.withinHorizon ? after : `${after}, not within the horizon of ${horizonMonths}`;
}

export function printCase(it: BusinessCase, out: Output): void {
  out.line(out.paint.bold(printable(it.question)));
  if (it.fromLogs !== null) {
    const { requestsPerDay, usdPerRequest, usdPerMonth, lower, upper } = it.fromLogs;
    out.line(
      `logs      ${(requestsPerDay ?? 0).toFixed(1)} requests a day at ${money(usdPerRequest)}: ${money(usdPerMonth)} a month, a later week at ${money(lower)} to ${money(upper)}`,
    );
  }
  const { outcome, simulated } = it;
  if (outcome === null || simulated === null) {
    out.line(`not known: ${printable(it.refused ?? "")}`);
    return;
  }
  out.line(
    `a month   ${money(outcome.baselineUsdPerMonth)} → ${money(outcome.candidateUsdPerMonth)}, saving ${money(outcome.savingUsdPerMonth)}`,
  );
  out.line(`one-off   ${money(outcome.oneOffUsd)}`);
  out.line(`pays back ${breakEvenText(outcome.breakEven, it.horizonMonths)}`);
  const roi = (share: number | null): string => (share === null ? "–" : percent(share));
  out.line(
    `present value ${money(outcome.netPresentValue12Usd)} after 12 months, ${money(outcome.netPresentValue24Usd)} after 24; return ${roi(outcome.returnOnInvestment12)} and ${roi(outcome.returnOnInvestment24)}`,
  );
  const { netPresentValueUsd: npv } = simulated;
  out.line(
    `in ${simulated.draws} draws: saves money in ${percent(simulated.savesMoney)}, pays back within 6 months in ${percent(simulated.paysWithin6Months)}, within ${it.horizonMonths} in ${percent(simulated.paysWithinHorizon)}`,
  );
  out.line(`  present value ${money(npv.p50)}, 90 % of draws in ${money(npv.p5)} to ${money(npv.p95)}`);
  for (const swing of simulated.tornado.slice(0, 8))
    out.line(
      `  ${swing.input.padEnd(30)} ${money(swing.valueAtP10Usd)} at ${figure(swing.p10)} … ${money(swing.valueAtP90Usd)} at ${figure(swing.p90)}`,
    );
  printOptions(it, out);
}

const figure = (value: number): string => String(Number(value.toPrecision(3)));

function printOptions({ options, switchPoints, flipPoints, curves }: BusinessCase, out: Output): void {
  out.line("side by side, a month, the cheapest first");
  for (const { name, usdPerMonth, why } of options)
    out.line(
      `  ${printable(name).padEnd(30)} ${money(usdPerMonth)}${why === null ? "" : ` (${printable(why)})`}`,
    );
  for (const { requestsPerDay, tokensPerMonth, from, to } of switchPoints.slice(0, 6)) {
    const tokens = tokensPerMonth === null ? "" : ` (${figure(tokensPerMonth / 1e6)} M tokens a month)`;
    out.line(
      `  from ${figure(requestsPerDay)} requests a day${tokens}: ${printable(to)} instead of ${printable(from)}`,
    );
  }
  out.line("the answer flips at");
  for (const { what, factor, value } of flipPoints)
    out.line(
      `  ${what.padEnd(30)} ${factor === "never" ? "never" : `× ${figure(factor)}${value === null ? "" : `, ${figure(value)}`}`}`,
    );
  for (const [name, points] of Object.entries(curves)) {
    const shown = points.filter(({ utilisation }) => [0.1, 0.4, 0.7, 1].includes(utilisation));
    out.line(
      `${printable(name)} per million tokens: ${shown.map((at) => `${money(at.usdPerMillion)} at ${percent(at.utilisation)}`).join(", ")}`,
    );
  }
}
