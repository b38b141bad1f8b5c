import type { Score } from "../../schema/run.ts";
import { wrong } from "../scorers/define.ts";
import { parseAnswer } from "../scorers/json.ts";
import type { QeExpected } from "./task.ts";

/** How far a finding may stand from the defect's line. */
const NEAR_LINES = 2;

/**
 * F1 of the gaps named against those that coverage found, but no more than Youden's J: the share of gaps named
 * less the share named of what was covered. So naming everything is 0, however much is missed. A gap named
 * twice counts once.
 * Worked value: truth 3 and 4 of 10 lines, named 3 and 9: precision and recall ½, J = 1/2 − 1/8, so 0.375.
 */
export function scoreGaps(
  output: string,
  { gaps }: QeExpected<"coverage">,
  { of, missed }: { readonly of: number; readonly missed: number },
): Score {
  const parsed = parseAnswer(output);
  const list = parsed.ok ? memberOf(parsed.value, "gaps") : undefined;
  if (!Array.isArray(list)) return wrong('the answer is not {"gaps": […]}');
  const named = new Set(list.map((gap) => textOf(gap).replaceAll(" ", "")));
  const found = gaps.filter((gap) => named.has(gap));
  const evidence = {
    missed: gaps.filter((gap) => !named.has(gap)),
    wrong: [...named].filter((gap) => !gaps.includes(gap)).slice(0, 20),
  };
  const f1 = (2 * found.length) / (named.size + gaps.length);
  const alarms = (named.size - found.length) / Math.max(1, of - missed);
  return { value: Math.max(0, Math.min(f1, found.length / gaps.length - alarms)), evidence };
}

/**
 * Half for the class, half for the evidence: the column and one of its failing values. Evidence counts
 * only for the right class.
 * Worked value: class right, column right, value wrong: 0.5.
 */
export function scoreFlaky(output: string, expected: QeExpected<"flaky">): Score {
  const parsed = parseAnswer(output);
  if (!parsed.ok || typeof parsed.value !== "object" || parsed.value === null)
    return wrong('the answer is not {"class": …, "field": …, "value": …}');
  const named = textOf(memberOf(parsed.value, "class"));
  if (named !== expected.class) return wrong(`the class is ${expected.class}`);
  const field = memberOf(parsed.value, "field") ?? null;
  const value = memberOf(parsed.value, "value") ?? null;
  if (expected.field === null)
    return field === null && value === null ? { value: 1 } : half("a stable test has no evidence");
  if (field !== expected.field) return half(`the column is ${expected.field}`);
  return expected.values.includes(textOf(value)) ? { value: 1 } : half("the value is not one it fails for");
}

const half = (reason: string): Score => ({ value: 0.5, reason });

/**
 * F1 of findings against planted defects. A defect is found by its kind, named at most two lines away,
 * and each finding finds one: false alarms cost as much as misses.
 * Worked value: two defects, one of them found, one false alarm: 2·1/(2 + 2) = 0.5.
 */
export function scoreReview(output: string, { defects }: QeExpected<"review">): Score {
  const parsed = parseAnswer(output);
  if (!parsed.ok || !Array.isArray(parsed.value)) return wrong('the answer is not [{"line": …, "kind": …}]');
  const left = parsed.value.map((finding) => ({
    line: Number(memberOf(finding, "line")),
    kind: textOf(memberOf(finding, "kind")),
  }));
  const findings = left.length;
  const missed: string[] = [];
  for (const { line, kind } of defects) {
    const near = left
      .map((finding, i) => ({ ...finding, i, away: Math.abs(finding.line - line) }))
      .filter((finding) => finding.kind === kind && finding.away <= NEAR_LINES)
      .sort((a, b) => a.away - b.away)[0];
    if (near) left.splice(near.i, 1);
    else missed.push(`${line} ${kind}`);
  }
  const found = defects.length - missed.length;
  return {
    value: (2 * found) / (defects.length + findings),
    evidence: { missed, falseAlarms: left.length },
  };
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
