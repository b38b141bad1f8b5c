import { printable } from "../errors/printable.ts";
import type { Calibrated } from "../evaluate/judges/calibrate.ts";
import type { JudgeCard, Measure } from "../schema/judge.ts";
import type { Output } from "./output.ts";

/** A judge's card: how far it agrees with people, and what sways it. */
export function printJudge({ card, path }: Calibrated, out: Output): void {
  const { bold, dim, yellow, green } = out.paint;
  out.line(`${bold(card.name)}  ${printable(card.model)}`);
  out.line(
    dim(`${card.labels.answers} labelled answers, ${card.labels.verdicts} verdicts, ${card.asked} asked`),
  );
  for (const [criterion, count] of Object.entries(card.labels.foreign ?? {}))
    out.line(yellow(printable(`${count} labels of ${criterion}: this judge is not asked that`)));
  out.line();
  for (const [label, text] of linesOf(card)) out.line(`${label.padEnd(22)}  ${text}`);
  out.line();
  if (card.advisory.length === 0) out.line(green("its metrics may be primary or guardrail"));
  else out.line(yellow("advisory: its metrics are neither primary nor guardrail"));
  for (const reason of card.advisory) out.line(`  ${printable(reason)}`);
  out.line(dim(`wrote ${path}`));
}

type Line = readonly [label: string, text: string];

function linesOf(card: JudgeCard): readonly Line[] {
  const { attacks } = card;
  const weak = Object.entries(attacks.families)
    .filter(([, { succeeded }]) => succeeded > 0)
    .map(([family, { asked, succeeded }]) => `${family} ${succeeded} of ${asked}`);
  return [
    ["agreement", interval(card.agreement)],
    ["Cohen's κ", interval(card.kappa)],
    ...(card.weightedKappa ? [["weighted κ", interval(card.weightedKappa)] as const] : []),
    ["same when repeated", share(card.repeatAgreement)],
    ["flips with the order", share(card.flipRate)],
    ["for the first place", share(card.firstPlaceShare)],
    ["favours the longer by", card.lengthBias === null ? "not known" : card.lengthBias.toFixed(3)],
    ["attacks that succeed", `${share(attacks.rate)}, ${attacks.succeeded} of ${attacks.asked}`],
    ...weak.map((text): Line => ["", printable(text)]),
    ["no readable verdict", String(card.unparsed)],
    ["cannot judge", String(card.abstained)],
    ["cost", card.costUsd === null ? "not known: no price" : `$${card.costUsd.toFixed(4)}`],
  ];
}

const share = (value: number | null): string =>
  value === null ? "not measured" : `${(value * 100).toFixed(1)} %`;

function interval({ estimate, lower, upper, why }: Measure): string {
  if (estimate === null || lower === null || upper === null) return `not measured: ${why ?? "no labels"}`;
  return `${estimate.toFixed(3)}  (95 %: ${lower.toFixed(3)} to ${upper.toFixed(3)})`;
}
