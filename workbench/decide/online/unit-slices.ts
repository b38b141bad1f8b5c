import type { Decision } from "../../schema/decision.ts";
import { benjaminiHochberg } from "../../stats/multiplicity.ts";
import { isRefused } from "../../stats/refused.ts";
import { ruleEffect } from "./unit-effect.ts";
import { readUnits } from "./unit-reading.ts";
import { valuesOf, type EffectPlan, type UnitEvidence } from "./unit-values.ts";

/**
 * The primary rule on each slice of the units. Explored slices get Benjamini–Hochberg p values and decide
 * nothing; a veto slice that nobody is in has no data, which is never a pass.
 */
export function unitSlices(evidence: UnitEvidence, plan: EffectPlan): Decision["computed"]["slices"] {
  const { veto, explore } = plan.policy.slices;
  const present = [...new Set(evidence.slices.map(({ slice }) => slice))]
    .filter((slice) => slice !== null)
    .sort();
  const isWanted = (slice: string): boolean =>
    veto.includes(slice) || explore === null || explore.includes(slice.slice(0, slice.indexOf(" = ")));
  const names = [...present.filter(isWanted), ...veto.filter((slice) => !present.includes(slice))];
  const effects = names.map((slice) => {
    const effect = ruleEffect(evidence, plan.policy.primary, { ...plan, role: "primary", slice });
    return { ...effect, role: "slice" as const, slice };
  });
  const ps = names.map((slice) => differenceP(evidence, slice, plan));
  const tested = ps.filter((p) => p !== null);
  const adjusted = benjaminiHochberg(tested);
  let at = 0;
  return effects.map((effect, i) => {
    const pAdjusted = ps[i] === null || isRefused(adjusted) ? null : (adjusted[at++] ?? null);
    return { slice: effect.slice, effects: [{ ...effect, pAdjusted }] };
  });
}

/** Two-sided p of no difference on the primary metric. */
function differenceP(evidence: UnitEvidence, slice: string, { policy, seed }: EffectPlan): number | null {
  const values = valuesOf(evidence, policy.primary.metric, slice);
  if (isRefused(values)) return null;
  const plain = readUnits(values, { kind: "points", amount: 0 }, { level: 0.025, seed });
  if (isRefused(plain) || plain.pAbove === null || plain.pBelow === null) return null;
  return Math.min(1, 2 * Math.min(plain.pAbove, plain.pBelow));
}
