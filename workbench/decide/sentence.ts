import type { HealthCheck, MetricEffect, Verdict } from "../schema/decision.ts";
import type { Policy } from "../schema/policy.ts";
import { amountText, intervalText } from "./amount.ts";

interface Story {
  readonly effects: readonly MetricEffect[];
  readonly slices: readonly { readonly slice: string; readonly effects: readonly MetricEffect[] }[];
  readonly health: readonly HealthCheck[];
  readonly policy: Policy;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly counted?: "pairs" | "units";
}

/**
 * The verdict in one or two sentences with its numbers. Wording is fixed: what is not proven is
 * "not shown to be …", equality is never claimed, and an interval stands beside every estimate.
 */
export function sentenceOf(story: Story): string {
  const primary = story.effects.find((effect) => effect.role === "primary");
  switch (story.verdict) {
    case "invalid":
      return `The comparison cannot be read: ${failures(story, "invalid")}. Repair the evidence and run it again.`;
    case "no-go":
      return `${harmed(story).map(harmText).join("; ")}.${winText(primary, story)}`;
    case "go":
      return `${claimText(primary, story)}${othersText(story)}${onlineText(story)}`;
    case "inconclusive":
      return `Not enough to decide: ${openText(story)}.`;
  }
}

/** Estimate with its interval: "+17.4 points [+14.7, +20.0] (95 % interval)". */
export function effectText(effect: MetricEffect): string {
  const { estimate, lower, upper, unit } = effect;
  if (estimate === null) return "not measured";
  const level = Number(((effect.level ?? 0.95) * 100).toFixed(2));
  return `${intervalText({ estimate, lower, upper }, unit, effect.role === "floor")} (${level} % interval)`;
}

function claimText(primary: MetricEffect | undefined, { policy, reasons, counted = "pairs" }: Story): string {
  if (!primary) return "";
  const shown = reasons.includes("superior")
    ? `${primary.metric} is ${policy.primary.by ? (primary.rule ?? "better") : "better"}`
    : `${primary.metric} is ${primary.rule ?? ""}`;
  return `${shown}: ${effectText(primary)} on ${primary.n} ${counted}`;
}

function othersText({ effects }: Story): string {
  const guardrails = effects.filter((effect) => effect.role === "guardrail").length;
  const floors = effects.filter((effect) => effect.role === "floor").length;
  const parts = [
    count(guardrails, "guardrail holds", "guardrails hold"),
    count(floors, "floor is met", "floors are met"),
  ];
  const said = parts.filter((part) => part !== null);
  return said.length === 0 ? "." : `; ${said.join(", ")}.`;
}

function count(n: number, one: string, many: string): string | null {
  if (n === 0) return null;
  return n === 1 ? `the ${one}` : `all ${n} ${many}`;
}

function onlineText({ policy, counted }: Story): string {
  return policy.online.required && counted !== "units"
    ? " This opens the staged rollout; promotion needs the online verdict."
    : "";
}

function harmed({ effects, slices, reasons }: Story): readonly MetricEffect[] {
  const all = [...effects, ...slices.flatMap((slice) => slice.effects)];
  return all.filter((effect) =>
    reasons.some(
      (code) =>
        (effect.role === "primary" && code === "primary-worse") ||
        (effect.role === "guardrail" && code === `guardrail-breached:${effect.metric}`) ||
        (effect.role === "floor" && code === `below-floor:${effect.metric}`) ||
        (effect.role === "slice" && code === `slice-harmed:${effect.slice ?? ""}`),
    ),
  );
}

function harmText(effect: MetricEffect): string {
  const where = effect.slice === null ? "" : ` where ${effect.slice}`;
  const asked = effect.rule === "better" ? "it had to be better" : `the limit is "${effect.rule ?? ""}"`;
  return `${effect.metric}${where} is ${effectText(effect)}; ${asked} (${KIND[effect.role]})`;
}

const KIND: Readonly<Record<MetricEffect["role"], string>> = {
  primary: "primary metric",
  guardrail: "guardrail",
  floor: "floor",
  slice: "veto slice",
  shown: "shown",
};

/** A reader must see what the refused candidate did win. */
function winText(primary: MetricEffect | undefined, { reasons }: Story): string {
  if (!primary || primary.passed !== true || reasons.includes("primary-worse")) return "";
  return ` The primary metric would have passed: ${primary.metric} ${effectText(primary)}.`;
}

function openText(story: Story): string {
  const open = story.effects.filter((effect) => effect.role !== "shown" && effect.passed !== true);
  const said = open.map((effect) => {
    if (effect.refused !== null) return `${effect.metric} has no usable data (${effect.refused})`;
    const more = moreNeeded(effect, story.counted);
    return `${effect.metric} is not shown to be ${effect.rule ?? ""}: ${effectText(effect)}${more}`;
  });
  const doubts = failures(story, "inconclusive");
  return [...(doubts === "" ? [] : [doubts]), ...said].join("; ");
}

function moreNeeded(
  { role, nNeeded, nNeededAsSeen }: MetricEffect,
  counted: Story["counted"] = "pairs",
): string {
  if (role === "floor") return "";
  if (nNeededAsSeen === null) return `; more ${counted} are unlikely to help`;
  return nNeeded === null ? "" : `; about ${nNeeded} ${counted} would decide`;
}

function failures({ health }: Story, severity: HealthCheck["severity"]): string {
  return health
    .filter((check) => !check.passed && check.severity === severity)
    .map((check) => `${check.detail} (${check.code})`)
    .join("; ");
}

/** What would flip the verdict, nearest limit first. */
export function flipText(story: Story): readonly string[] {
  const { verdict, effects } = story;
  if (verdict === "invalid")
    return story.health
      .filter((check) => !check.passed && check.severity === "invalid")
      .map((check) => `repair "${check.check}": ${check.detail}`);
  const judged = effects.filter((effect) => effect.reading !== null);
  if (verdict === "go") return nearest(judged).slice(0, 1).map(slackText);
  if (verdict === "no-go")
    return harmed(story).map(
      (effect) =>
        `${effect.metric}${effect.slice === null ? "" : ` where ${effect.slice}`} back within "${effect.rule ?? ""}": more samples will not do it, another candidate must`,
    );
  return judged.filter((effect) => effect.passed !== true).map((effect) => moreText(effect, story.counted));
}

/** Rules by how little of their limit is left, in half-widths of their own interval. */
function nearest(effects: readonly MetricEffect[]): readonly MetricEffect[] {
  const room = (effect: MetricEffect): number => {
    const reading = effect.reading;
    const worst = effect.better === "higher" ? reading?.lower : reading?.upper;
    if (!reading || worst === null || worst === undefined) return Infinity;
    const size = Math.abs(reading.estimate - worst);
    return Math.abs(worst - reading.limit) / (size === 0 ? 1 : size);
  };
  return [...effects].sort((a, b) => room(a) - room(b));
}

function slackText(effect: MetricEffect): string {
  const reading = effect.reading;
  const worst = effect.better === "higher" ? reading?.lower : reading?.upper;
  const left = reading && worst !== null && worst !== undefined ? Math.abs(worst - reading.limit) : 0;
  const amount =
    reading?.on === "ratio"
      ? `${Number((left * 100).toFixed(1))} % of the baseline`
      : amountText(left, effect.unit);
  return `nearest limit: ${effect.metric} ("${effect.rule ?? ""}") has ${amount} to spare`;
}

function moreText(effect: MetricEffect, counted: Story["counted"] = "pairs"): string {
  const { metric, n, nNeededAsPlanned, nNeededAsSeen, rule } = effect;
  if (effect.role === "floor") return `${metric} clearly ${rule ?? ""}`;
  if (nNeededAsSeen === null)
    return `${metric}: at the effect seen no number of ${counted} shows "${rule ?? ""}"; another candidate must`;
  const planned = nNeededAsPlanned === null ? "" : `, ${nNeededAsPlanned} if the effect is as planned`;
  return `${metric}: ${nNeededAsSeen} ${counted} in all if the effect stays as seen${planned} (now ${n})`;
}
