import type { FloorRule, GuardrailRule, Margin, PrimaryRule } from "../schema/policy.ts";
import { amountText, levelText, plain } from "./amount.ts";
import type { Unit } from "./metric.ts";
import { distance, type Distance } from "./reading.ts";

type Rule = PrimaryRule | GuardrailRule;

/** The distance the interval must clear: the margin below, or the demanded improvement above. */
export function passDistance(rule: Rule): Distance {
  const up = rule.better === "higher" ? 1 : -1;
  return rule.by ? distance(rule.by, up) : distance(rule.margin, up === 1 ? -1 : 1);
}

/** Where harm begins: the harm margin, else the margin; where an improvement is demanded, at the baseline. */
export function harmDistance(rule: Rule): Distance {
  const worse = rule.better === "higher" ? -1 : 1;
  return distance(rule.harm ?? (rule.by ? { points: 0 } : rule.margin), worse);
}

/** The rule as a sentence quotes it: "not worse than −5 points", "at least +3 %", "better". */
export function ruleText(rule: Rule, unit: Unit): string {
  const worse = rule.better === "higher" ? "−" : "+";
  if (rule.by) return `better by at least ${marginText(rule.by, unit)}`;
  const amount = rule.margin.relative ?? rule.margin.points;
  return amount === 0 ? "better" : `not worse than ${worse}${marginText(rule.margin, unit)}`;
}

/** Worked values: 0.05 points of a share is "5 points", relative 0.05 is "5 %". */
export function marginText(margin: Margin, unit: Unit): string {
  if (margin.relative !== undefined) return `${plain(margin.relative * 100)} %`;
  return amountText(margin.points ?? 0, unit);
}

export function floorText(rule: FloorRule, unit: Unit): string {
  return rule.atLeast === undefined
    ? `at most ${levelText(rule.atMost ?? 0, unit)}`
    : `at least ${levelText(rule.atLeast, unit)}`;
}
