import type { CostCard, Decision, MetricEffect, Verdict } from "../schema/decision.ts";
import { armName } from "./arm-name.ts";
import { difference, level, percent, usd } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { metricName } from "./metric-name.ts";

type Computed = Decision["computed"];

const ANSWERS: Readonly<Record<Verdict, string>> = {
  go: "Yes. Every rule that was written down before the data is met.",
  "no-go": "No. The candidate is shown to break a rule that was written down before the data.",
  inconclusive: "Not known yet. The data show neither that every rule is met nor that one is broken.",
  invalid: "Not known. The comparison itself is faulty, so none of its figures is shown.",
};

/** The page in one minute, for who pays for it: answer, evidence, certainty, risk, money, and what would change it. */
export function brief(computed: Computed): Html {
  const { verdict, flip } = computed;
  const lines: (readonly [term: string, text: string])[] = [["Answer", ANSWERS[verdict]]];
  if (verdict !== "invalid")
    lines.push(
      ["Measured", measured(computed)],
      ["How sure", certainty(computed.effects)],
      ["Risk", risk(computed)],
      ["Money", money(computed.cost)],
    );
  lines.push(["What would change it", flip.length === 0 ? "No single figure would." : `${flip.join("; ")}.`]);
  return html`<section aria-label="In one minute">
    <dl class="brief">${lines.map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl>
  </section>`;
}

const primaryOf = (effects: readonly MetricEffect[]): MetricEffect | undefined =>
  effects.find(({ role }) => role === "primary");

function measured({ effects, suite, baseline, candidate, online }: Computed): string {
  const primary = primaryOf(effects);
  const arms = `${armName(baseline)} (now) and ${armName(candidate)} (proposed)`;
  if (primary === undefined) return `${arms}: nothing could be read yet.`;
  const on =
    online === undefined
      ? `answered the same ${primary.n} items of ${suite}`
      : `served ${primary.n} units of ${suite}`;
  const { unit } = primary;
  return `${arms} ${on}. The main figure, ${metricName(primary.metric)}: ${level(primary.baseline, unit)} now, ${level(primary.candidate, unit)} proposed.`;
}

function certainty(effects: readonly MetricEffect[]): string {
  const primary = primaryOf(effects);
  if (primary === undefined || primary.estimate === null) return "The main figure could not be measured.";
  const { estimate, lower, upper, level: share, unit } = primary;
  const sure = share === null ? "" : `, with ${percent(share)} confidence`;
  return `The difference seen is ${difference(estimate, unit)}; the true one is ${between(lower, upper, unit)}${sure}.`;
}

/** Worked value: 0.284 and 0.422 of a share are "between +28.4 points and +42.2 points". */
function between(lower: number | null, upper: number | null, unit: MetricEffect["unit"]): string {
  if (lower === null) return upper === null ? "not bounded" : `at most ${difference(upper, unit)}`;
  if (upper === null) return `at least ${difference(lower, unit)}`;
  return `between ${difference(lower, unit)} and ${difference(upper, unit)}`;
}

function risk({ effects, slices, flips }: Computed): string {
  const rules = effects.filter(({ role }) => role === "guardrail" || role === "floor");
  const failed = rules.filter(({ passed }) => passed === false);
  const open = rules.filter(({ passed }) => passed === null);
  const names = (some: readonly MetricEffect[]): string =>
    some
      .map(({ metric, estimate, unit }) => `${metricName(metric)} ${difference(estimate, unit)}`)
      .join(", ");
  const right = flips.bothRight + flips.broken;
  const worst = slices
    .flatMap(({ slice, effects: [first] }) => (first === undefined ? [] : [{ slice, effect: first }]))
    .filter(({ effect }) => harmShown(effect))
    .sort((a, b) => signed(a.effect) - signed(b.effect))[0];
  const said = [
    rules.length === 0 ? "No limit was set for anything else." : "",
    failed.length > 0 ? `Beyond its limit: ${names(failed)}.` : "",
    open.length > 0 ? `Not shown to hold: ${names(open)}.` : "",
    rules.length > 0 && failed.length + open.length === 0
      ? `${rules.length === 1 ? "The one limit on another figure holds" : `All ${rules.length} limits on other figures hold`}.`
      : "",
    right > 0 ? `Of ${right} items that are right today, ${flips.broken} would go wrong.` : "",
    worst === undefined
      ? ""
      : `Clearly worse where ${worst.slice}: ${metricName(worst.effect.metric)} ${difference(worst.effect.estimate, worst.effect.unit)}.`,
  ];
  return said.filter((text) => text !== "").join(" ");
}

/** The difference in the direction that is good. */
const signed = ({ better, estimate }: MetricEffect): number =>
  (estimate ?? 0) * (better === "higher" ? 1 : -1);

/** The whole interval lies on the bad side of 0. */
const harmShown = ({ better, lower, upper }: MetricEffect): boolean =>
  better === "higher" ? upper !== null && upper < 0 : lower !== null && lower > 0;

function money({ baseline, candidate, training, breakEvenRequests }: CostCard): string {
  const [now, then] = [baseline.usdPerThousand, candidate.usdPerThousand];
  const running =
    now === null || then === null
      ? "What it would cost to run is not known: a price is missing."
      : `1 000 answers cost ${usd(now)} now and ${usd(then)} proposed${change(now, then)}.`;
  const paid =
    training === null || training.usd === null
      ? "What training cost is not known."
      : `Training cost ${usd(training.usd)}.`;
  const back =
    breakEvenRequests === null
      ? ""
      : breakEvenRequests === "never"
        ? " Price alone never earns it back."
        : ` It is earned back after ${Math.ceil(breakEvenRequests)} answers.`;
  return `${running} ${paid}${back}`;
}

/** Worked value: $4.10 to $0.92 is "78 % less". */
function change(now: number, then: number): string {
  if (now === then) return ", the same";
  if (now <= 0) return "";
  const share = Math.abs(then - now) / now;
  return `, ${share < 0.005 ? "under 1" : (share * 100).toFixed(0)} % ${then < now ? "less" : "more"}`;
}
