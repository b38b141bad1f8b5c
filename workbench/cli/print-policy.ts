import type { AskingCost } from "../decide/asking-cost.ts";
import type { PolicyPlan } from "../decide/policy-check.ts";
import { amountText } from "../decide/amount.ts";
import type { Characteristics, Scenario } from "../decide/simulate/characteristics.ts";
import { printable } from "../errors/printable.ts";
import type { Policy } from "../schema/policy.ts";
import { isRefused, type Refused } from "../stats/refused.ts";
import type { Output } from "./output.ts";

/** What each rule of a policy would take. */
export function printPlan(out: Output, rules: Policy, plan: PolicyPlan): void {
  out.line(`${out.paint.green("✓")} ${rules.name}  ${printable(rules.question)}`);
  for (const rule of plan.rules) {
    const pairs = rule.pairs === null ? "pairs not known before a pilot" : `${rule.pairs} pairs`;
    const reach =
      rule.detectable === null ? "" : `, the minimum shows ${amountText(rule.detectable, "share")}`;
    out.line(`    ${rule.role.padEnd(9)}  ${rule.metric}: ${rule.rule} — ${pairs}${reach}`);
  }
}

/** What the planned pairs cost, beside the policy's own limit. */
export function printAskingCost(out: Output, cost: AskingCost | Refused, limitUsd: number | null): void {
  if (isRefused(cost)) {
    out.line(`    cost of asking not known: ${cost.reason}`);
    return;
  }
  const limit = limitUsd === null ? "" : `, the policy allows $${limitUsd}`;
  const text = `    asking ${cost.pairs} pairs costs $${Number(cost.usd.toPrecision(3))}${limit}`;
  out.line(limitUsd !== null && cost.usd > limitUsd ? out.paint.yellow(text) : text);
}

/** How often the gate let candidates of known worth through, beside what the policy promises. */
export function printCharacteristics(out: Output, { pairs, simulations, scenarios }: Characteristics): void {
  const width = Math.max(...scenarios.map(({ name }) => name.length)) + 2;
  const row = (cells: readonly string[]): string => cells.map((text) => text.padStart(9)).join("");
  out.line(`    ${simulations} simulated comparisons of ${pairs} pairs, through the gate that decides:`);
  out.line(out.paint.dim(`    ${"the candidate is".padEnd(width)}${row(["go", "no-go", "open"])}  promised`));
  for (const scenario of scenarios) {
    const { go, noGo, inconclusive } = scenario.outcomes;
    const shares = row([go, noGo, inconclusive].map(percent));
    out.line(`    ${scenario.name.padEnd(width)}${shares}  ${out.paint.dim(promiseOf(scenario))}`);
  }
}

function promiseOf({ goAtMost, goAtLeast }: Scenario): string {
  if (goAtMost !== null) return `go at most ${percent(goAtMost)}`;
  return goAtLeast === null ? "" : `go at least ${percent(goAtLeast)}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
