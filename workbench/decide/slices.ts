import type { Decision, MetricEffect } from "../schema/decision.ts";
import { benjaminiHochberg } from "../stats/multiplicity.ts";
import { isRefused } from "../stats/refused.ts";
import { ruleEffect, type EffectContext } from "./effect.ts";
import type { Item } from "./pairs.ts";
import { read } from "./reading.ts";
import { pairedValues } from "./values.ts";

type Slices = Decision["computed"]["slices"];

/**
 * The primary rule on each value of each slice. Explored slices get Benjamini–Hochberg p values
 * (two-sided, of no difference) and decide nothing; veto slices are read by the gate.
 */
export function sliceEffects(
  items: readonly Item[],
  names: readonly string[],
  context: EffectContext,
): Slices {
  const veto = context.policy.slices.veto;
  const wanted = [...new Set([...names, ...veto.map((text) => splitVeto(text).name)])].sort();
  const found = wanted.flatMap((name) => oneSlice(items, name, context));
  const present = new Set(found.map((effect) => effect.slice));
  const missing = veto.filter((text) => !present.has(text));
  const absent = missing.map((slice) => ({ ...ruleOn([], slice, context), slice }));
  return [...withCorrectedP(found), ...absent].map((effect) => ({
    slice: effect.slice ?? "",
    effects: [effect],
  }));
}

/** `language = de` as name and value. */
function splitVeto(text: string): { readonly name: string; readonly value: string } {
  const at = text.indexOf(" = ");
  return { name: text.slice(0, at), value: text.slice(at + 3) };
}

interface Sliced extends MetricEffect {
  readonly pRaw?: number;
}

function oneSlice(items: readonly Item[], name: string, context: EffectContext): readonly Sliced[] {
  const values = new Set(items.map((item) => item.slices[name]).filter((value) => value !== undefined));
  return [...values].sort().map((value) => {
    const inside = items.filter((item) => item.slices[name] === value);
    return ruleOn(inside, `${name} = ${value}`, context);
  });
}

function ruleOn(items: readonly Item[], slice: string, context: EffectContext): Sliced {
  const { policy, seed } = context;
  const effect = ruleEffect(items, policy.primary, { ...context, role: "primary" });
  const plain = read(
    pairedValues(items, policy.primary.metric),
    { kind: "points", amount: 0 },
    { alpha: 0.025, seed },
  );
  const isTested = !isRefused(plain) && plain.pAbove !== null && plain.pBelow !== null;
  const pRaw = isTested ? Math.min(1, 2 * Math.min(plain.pAbove, plain.pBelow)) : undefined;
  return { ...effect, role: "slice", slice, ...(pRaw === undefined ? {} : { pRaw }) };
}

function withCorrectedP(effects: readonly Sliced[]): readonly MetricEffect[] {
  const tested = effects.filter((effect) => effect.pRaw !== undefined);
  const adjusted = benjaminiHochberg(tested.map((effect) => effect.pRaw as number));
  return effects.map(({ pRaw, ...effect }) => {
    const at = tested.findIndex((other) => other.slice === effect.slice);
    if (pRaw === undefined || isRefused(adjusted)) return effect;
    return { ...effect, pAdjusted: adjusted[at] ?? null };
  });
}
