import type { MetricEffect } from "../../schema/decision.ts";
import type { GuardrailRule, Policy, PrimaryRule } from "../../schema/policy.ts";
import { nNeeded } from "../../stats/n-needed.ts";
import { powerPerTest } from "../../stats/power.ts";
import { isRefused, type Refused } from "../../stats/refused.ts";
import type { Reading } from "../reading.ts";
import { passDistance } from "../rule.ts";
import { plannedUnits, type Look } from "./looks.ts";

interface Needed {
  readonly policy: Policy;
  readonly rule: PrimaryRule | GuardrailRule;
  readonly level: number;
  readonly look: Look;
  readonly baseline: number;
}

/** Units in both arms after which the rule decides with the planned power. */
export function unitsNeeded(
  { on, estimate, lower, upper, limit }: Reading,
  { policy, rule, level, look, baseline }: Needed,
): Pick<MetricEffect, "nNeeded" | "nNeededAsPlanned" | "nNeededAsSeen"> {
  const none = { nNeeded: null, nNeededAsPlanned: null, nNeededAsSeen: null };
  if (lower === null || upper === null || look.total < 1) return none;
  const sign = rule.better === "higher" ? 1 : -1;
  const seen = sign * (estimate - limit);
  // candidate − k·baseline at no effect is (1 − k)·baseline.
  const neutral = on === "contrast" ? -passDistance(rule).amount * baseline : 0;
  const wanted = rule === policy.primary ? (policy.planning.effect ?? null) : 0;
  const result = nNeeded({
    n: look.total,
    estimate: seen,
    halfWidth: (upper - lower) / 2,
    margin: 0,
    alpha: level,
    power: powerPerTest(policy.planning.power, policy.guardrails.length + 1),
    planned: {
      n: 2 * plannedUnits(policy),
      effect: wanted === null ? seen : sign * (neutral - limit) + wanted,
    },
  });
  if (isRefused(result)) return none;
  const number = (n: number | Refused): number | null => (isRefused(n) ? null : n);
  return {
    nNeeded: number(result.shrunk),
    nNeededAsPlanned: number(result.asPlanned),
    nNeededAsSeen: number(result.asSeen),
  };
}
