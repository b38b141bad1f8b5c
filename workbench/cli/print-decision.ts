import type { ExitCode } from "../errors/codes.ts";
import { printable } from "../errors/printable.ts";
import type { Decided } from "../decide/decide.ts";
import { amountText, intervalText, levelText } from "../decide/amount.ts";
import type { MetricEffect, Verdict } from "../schema/decision.ts";
import type { Output } from "./output.ts";
import { terminalWidth } from "./print-rows.ts";

/** Exit codes of the four verdicts. */
export const EXIT_OF_VERDICT: Readonly<Record<Verdict, ExitCode>> = {
  go: 0,
  "no-go": 3,
  inconclusive: 4,
  invalid: 6,
};

const MARK: Readonly<Record<Verdict, string>> = { go: "✓", "no-go": "✕", inconclusive: "?", invalid: "!" };

/** What is said of a look that went as planned, and is no news. */
const PLAIN_LOOKS: ReadonlySet<string> = new Set(["complete", "as planned"]);

/** The verdict on one screen: word, sentence, health, effects, reasons, what would flip it, what next. */
export function printDecision(decided: Decided, out: Output): void {
  const { computed, run } = decided;
  const colour = {
    go: out.paint.green,
    "no-go": out.paint.red,
    inconclusive: out.paint.yellow,
    invalid: out.paint.red,
  };
  const word = `${MARK[computed.verdict]} ${computed.verdict.toUpperCase()}`;
  out.line(`${colour[computed.verdict](out.paint.bold(word))}  ${printable(computed.question)}`);
  out.line(printable(computed.sentence));
  out.line();
  for (const check of computed.health.filter((one) => !one.passed))
    out.line(out.paint.yellow(`  ! ${check.check}: ${printable(check.detail)}`));
  printEffects(computed.effects, out);
  const look = computed.health.find(({ check, passed }) => check === "the planned look" && passed);
  if (look !== undefined && !PLAIN_LOOKS.has(look.detail))
    out.line(out.paint.dim(`  look     ${printable(look.detail)}`));
  out.line(out.paint.dim(`  reasons  ${printable(computed.reasons.join(", "))}`));
  for (const text of computed.flip) out.line(out.paint.dim(`  flip     ${printable(text)}`));
  printCost(decided, out);
  out.line();
  out.line(`decision ${run} · record ${decided.id.slice(0, 12)} · ${nextStep(decided)}`);
}

const HEAD = ["", "metric", "", "baseline", "candidate", "difference [interval]", "rule"];
const [BASELINE, CANDIDATE, RULE] = [3, 4, 6];

/** A row an effect. Where the terminal is too narrow each rule stands below its row; what was not measured is named once. */
function printEffects(effects: readonly MetricEffect[], out: Output): void {
  if (effects.length === 0) return;
  const isMissing = ({ estimate, role }: MetricEffect): boolean => estimate === null && role === "shown";
  const rows = effects.filter((effect) => !isMissing(effect)).map(cellsOf);
  const widths = HEAD.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const isNarrow = widths.reduce((sum, width) => sum + width + 2, 0) > terminalWidth();
  const line = (cells: readonly string[]): string =>
    `  ${cells
      .slice(0, isNarrow ? RULE : RULE + 1)
      .map((cell, i) =>
        i === BASELINE || i === CANDIDATE ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join("  ")}`.trimEnd();
  if (rows.length > 0) out.line(out.paint.dim(line(HEAD)));
  for (const row of rows) {
    out.line(printable(line(row)));
    if (isNarrow && row[RULE]) out.line(out.paint.dim(`       ${printable(row[RULE])}`));
  }
  const missing = Map.groupBy(effects.filter(isMissing), ({ refused }) => refused ?? "");
  for (const [why, of] of missing) {
    const names = of.map(({ metric }) => metric).join(", ");
    out.line(out.paint.dim(printable(`     not measured: ${names}${why === "" ? "" : ` (${why})`}`)));
  }
  out.line();
}

const cellsOf = (effect: MetricEffect): readonly string[] => [
  effect.passed === null ? " " : effect.passed ? "✓" : "·",
  effect.metric,
  effect.role === "shown" ? "" : effect.role,
  effect.baseline === null ? "" : levelText(effect.baseline, effect.unit),
  effect.candidate === null ? "" : levelText(effect.candidate, effect.unit),
  differenceText(effect),
  effect.rule ?? "",
];

function differenceText(effect: MetricEffect): string {
  const { estimate, lower, upper, unit } = effect;
  if (estimate === null) return effect.refused === null ? "not measured" : `not measured: ${effect.refused}`;
  return intervalText({ estimate, lower, upper }, unit, effect.role === "floor");
}

function printCost({ computed: { cost } }: Decided, out: Output): void {
  const money = (usd: number | null): string => (usd === null ? "not known" : amountText(usd, "usd"));
  const change = (figure: "usdPerThousand" | "allInUsdPerTask"): string | null => {
    const [from, to] = [cost.baseline[figure], cost.candidate[figure]];
    return from === null && to === null ? null : `${money(from)} → ${money(to)}`;
  };
  const [requests, task] = [change("usdPerThousand"), change("allInUsdPerTask")];
  const known = [
    ...(requests === null ? [] : [`per 1,000 requests ${requests}`]),
    ...(task === null ? [] : [`all-in per task ${task}`]),
  ];
  const text = known.length === 0 ? "not known: no answer has a cost or a priced model" : known.join(", ");
  out.line(out.paint.dim(`  cost     ${text}`));
}

function nextStep({ computed: { verdict, candidate }, run }: Decided): string {
  switch (verdict) {
    case "go":
      return candidate.run === null
        ? `check it: workbench verify ${run}`
        : `next: workbench registry add ${candidate.run}, then workbench promote ${run}`;
    case "no-go":
      return `check it: workbench verify ${run}`;
    case "inconclusive":
      return "next: gather the samples named above, or test another candidate";
    case "invalid":
      return "next: repair the evidence and evaluate again";
  }
}
