import { printable } from "../errors/printable.ts";
import type { Validated } from "../flow/validate/validate.ts";
import type { TargetReading } from "../schema/targets.ts";
import type { Output } from "./output.ts";

const MARK = { met: "✓", missed: "✕", open: "?", shown: " " } as const;
const WORD = { go: "✓ GO", "no-go": "✕ NO-GO", inconclusive: "? INCONCLUSIVE" } as const;
const SENTENCE = {
  go: "every target is met",
  "no-go": "a target is missed",
  inconclusive: "no target is shown to be missed, but not all are shown to be met",
} as const;

/** A validation on one screen: verdict, who answered, each figure against its target. */
export function printValidation({ validation, file, evaluation }: Validated, out: Output): void {
  const { bold, dim, green, red, yellow } = out.paint;
  const colour = { go: green, "no-go": red, inconclusive: yellow }[validation.verdict];
  const { tasks, targets, verdict } = validation;
  out.line(
    `${colour(bold(WORD[verdict]))}  ${validation.suite}: ${SENTENCE[verdict]} (targets ${targets.name})`,
  );
  const names = [validation.local, ...(validation.fallback === null ? [] : [validation.fallback])];
  out.line(
    dim(printable(`${names.join(" → ")}, run ${validation.run}${evaluation.unchanged ? "  unchanged" : ""}`)),
  );
  out.line(
    `${tasks.asked} tasks from ${tasks.items} items: ${tasks.local} local, ${tasks.fallback} fallback, ${tasks.failed} unanswered${tasks.notRun > 0 ? `, ${tasks.notRun} not run` : ""}`,
  );
  const reasons = Object.entries(validation.fallbackReasons).sort(([, a], [, b]) => b - a);
  if (reasons.length > 0)
    out.line(
      `not taken from the local model: ${reasons.map(([why, n]) => `${printable(why)} ${n}`).join(", ")}`,
    );
  out.line();
  const rows = validation.readings.map((reading) => [
    MARK[reading.standing],
    reading.metric,
    reading.estimate === null ? "not measured" : valueText(reading.metric, reading.estimate),
    reading.refused ?? intervalText(reading),
    targetText(reading),
  ]);
  const widths = [0, 1, 2, 3].map((i) => Math.max(...rows.map((row) => (row[i] ?? "").length)));
  for (const row of rows)
    out.line(
      `  ${row.map((cell, i) => (i === 2 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join("  ")}`.trimEnd(),
    );
  out.line();
  out.line(dim(`written ${printable(file)}`));
}

function intervalText({ metric, lower, upper }: TargetReading): string {
  const end = (value: number | null): string => (value === null ? "…" : valueText(metric, value));
  return `[${end(lower)}, ${end(upper)}]`;
}

function targetText({ metric, atLeast, atMost }: TargetReading): string {
  if (atLeast !== undefined) return `at least ${valueText(metric, atLeast)}`;
  return atMost === undefined ? "" : `at most ${valueText(metric, atMost)}`;
}

function valueText(metric: string, value: number): string {
  if (metric.startsWith("latencyMs")) return `${value.toFixed(value < 100 ? 1 : 0)} ms`;
  if (metric === "monthlyUsd") return `$${value.toFixed(value < 10 ? 4 : 2)}`;
  return `${(value * 100).toFixed(2)} %`;
}
