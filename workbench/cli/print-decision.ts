import type { ExitCode } from "../errors/codes.ts";
import { printable } from "../errors/printable.ts";
import type { Decided } from "../decide/decide.ts";
import { amountText, intervalText, levelText } from "../decide/amount.ts";
import type { MetricEffect, Verdict } from "../schema/decision.ts";
import type { Output } from "./output.ts";

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

function printEffects(effects: readonly MetricEffect[], out: Output): void {
  if (effects.length === 0) return;
  const rows = effects.map((effect) => [
    effect.passed === null ? " " : effect.passed ? "✓" : "·",
    effect.metric,
    effect.role === "shown" ? "" : effect.role,
    effect.baseline === null ? "" : levelText(effect.baseline, effect.unit),
    effect.candidate === null ? "" : levelText(effect.candidate, effect.unit),
    differenceText(effect),
    effect.rule ?? "",
  ]);
  const head = ["", "metric", "", "baseline", "candidate", "difference [interval]", "rule"];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, i) => (i === 3 || i === 4 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join("  ")}`;
  out.line(out.paint.dim(line(head).trimEnd()));
  for (const row of rows) out.line(printable(line(row).trimEnd()));
  out.line();
}

function differenceText(effect: MetricEffect): string {
  const { estimate, lower, upper, unit } = effect;
  if (estimate === null) return effect.refused === null ? "not measured" : `not measured: ${effect.refused}`;
  return intervalText({ estimate, lower, upper }, unit, effect.role === "floor");
}

function printCost({ computed: { cost } }: Decided, out: Output): void {
  const { baseline, candidate } = cost;
  const money = (usd: number | null): string => (usd === null ? "not known" : amountText(usd, "usd"));
  out.line(
    out.paint.dim(
      `  cost     per 1,000 requests ${money(baseline.usdPerThousand)} → ${money(candidate.usdPerThousand)}, all-in per task ${money(baseline.allInUsdPerTask)} → ${money(candidate.allInUsdPerTask)}`,
    ),
  );
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
