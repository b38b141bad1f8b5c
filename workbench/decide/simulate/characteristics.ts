import type { Policy } from "../../schema/policy.ts";
import { seeded } from "../../stats/random.ts";
import { floorEffect, ruleEffect } from "../effect.ts";
import { gate } from "../gate.ts";
import type { Item } from "../pairs.ts";
import { planOf } from "../policy-check.ts";
import { drawItems } from "./draw-items.ts";
import { truthOf, type Standing } from "./truth.ts";

/** Shares of simulated comparisons that ended so. */
export interface Outcomes {
  readonly go: number;
  readonly noGo: number;
  readonly inconclusive: number;
}

export interface Scenario {
  /** "no effect", "as hoped", or "<metric> at its limit". */
  readonly name: string;
  readonly outcomes: Outcomes;
  /** What the policy promises of this scenario: at most (false go) or at least (power); null for neither. */
  readonly goAtMost: number | null;
  readonly goAtLeast: number | null;
}

export interface Characteristics {
  readonly pairs: number;
  readonly simulations: number;
  readonly scenarios: readonly Scenario[];
}

/**
 * What a policy does to candidates whose truth is known, by simulation through the same gate that
 * decides: at no effect, with each rule exactly at its limit while all others are as hoped, and with
 * everything as hoped (`planning.effect`; for a non-inferior claim no effect unless one is planned). Independent items, one epoch. Seeded: the same policy gives the same shares.
 */
export function characteristics(
  policy: Policy,
  options: { readonly pairs?: number | undefined; readonly simulations: number; readonly seed?: string },
): Characteristics {
  const pairs = options.pairs ?? Math.max(policy.samples.min, planOf(policy).pairs ?? 400);
  const shared = { policy, pairs, simulations: options.simulations, seed: options.seed ?? "policy" };
  const rules = [policy.primary, ...policy.guardrails];
  const edges = rules.map((edge) => ({
    name: `${edge.metric} at its limit`,
    ...scenario(shared, edge.metric, (rule) => (rule === edge ? "at its limit" : "as hoped")),
    goAtMost: edge.alpha,
    goAtLeast: null,
  }));
  const equal = { name: "no effect", ...scenario(shared, "equal", () => "equal") };
  const hoped = { name: "as hoped", ...scenario(shared, "hoped", () => "as hoped") };
  const promise = { goAtMost: null, goAtLeast: policy.planning.power };
  // A superior claim that hopes for nothing in particular has no scenario in which to be right.
  const hopes = policy.primary.claim === "non-inferior" || policy.planning.effect !== null;
  return {
    pairs,
    simulations: options.simulations,
    scenarios: [
      { ...equal, goAtMost: null, goAtLeast: null },
      ...edges,
      ...(hopes ? [{ ...hoped, ...promise }] : []),
    ],
  };
}

interface Simulating {
  readonly policy: Policy;
  readonly pairs: number;
  readonly simulations: number;
  readonly seed: string;
}

function scenario(
  { policy, pairs, simulations, seed }: Simulating,
  name: string,
  standing: (rule: Policy["primary"] | Policy["guardrails"][number]) => Standing,
): { readonly outcomes: Outcomes } {
  const rules = [policy.primary, ...policy.guardrails];
  const truths = rules.map((rule) => truthOf(rule, standing(rule), policy));
  const random = seeded(`${seed}:${name}`);
  const counts = { go: 0, "no-go": 0, inconclusive: 0, invalid: 0 };
  for (let i = 0; i < simulations; i++) counts[verdictOn(drawItems(random, truths, pairs), policy, i)]++;
  return {
    outcomes: {
      go: counts.go / simulations,
      noGo: counts["no-go"] / simulations,
      inconclusive: (counts.inconclusive + counts.invalid) / simulations,
    },
  };
}

function verdictOn(items: readonly Item[], policy: Policy, seed: number): ReturnType<typeof gate>["verdict"] {
  const measured = new Set([policy.primary.metric, ...policy.guardrails.map((rule) => rule.metric)]);
  const effects = [
    ruleEffect(items, policy.primary, { policy, seed, role: "primary" }),
    ...policy.guardrails.map((rule) => ruleEffect(items, rule, { policy, seed, role: "guardrail" })),
    // A floor on a metric that no rule draws would only ever say "no data".
    ...policy.floors.filter((rule) => measured.has(rule.metric)).map((rule) => floorEffect(items, rule)),
  ];
  // Vetoes need slices, which are not drawn.
  const unsliced = { ...policy, slices: { ...policy.slices, veto: [] } };
  return gate({ effects, slices: [], health: [], policy: unsliced }).verdict;
}
