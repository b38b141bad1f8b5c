import type { ToolCall } from "../../endpoint/client.ts";
import { quoted } from "../../errors/printable.ts";
import { canonical } from "../../schema/canonical.ts";
import type { Scored, Scorer } from "../types.ts";
import { defineScorer, unscored, wrong, type ScorerOptions } from "./define.ts";
import { memberAt, parseAnswer } from "./json.ts";

export interface ExpectedCall {
  readonly name: string;
  readonly arguments?: unknown;
}

export interface ToolCallsOptions extends ScorerOptions {
  /** Where in `expected` the list of calls is. Default: `expected` itself. */
  readonly at?: string;
  /** `any` (default): order does not count. `inOrder`: matches must keep it. `exact`: the very list. */
  readonly order?: "any" | "inOrder" | "exact";
  /** A call of one of these makes it 0. */
  readonly forbidden?: readonly string[];
}

/**
 * F1 of the calls made against those expected; a call matches by name and canonical arguments. The
 * evidence gives the share of right names and, of those, of right arguments.
 *
 * When to use: which tools are called with what is the point.
 * When not to use: many paths are right; then score the state they lead to.
 * Worked value: expected search and book, made search and cancel: precision and recall ½, so `{value: 0.5}`.
 */
export function toolCalls(options: ToolCallsOptions = {}): Scorer {
  const { at = "", order = "any", forbidden = [], ...rest } = options;
  const spec = { name: "toolCalls", version: 1, args: { at, order, forbidden }, options: rest };
  return defineScorer(spec, (it) => {
    const expected = callsIn(memberAt(it.expected, at));
    if (expected === null) return unscored("`expected` holds no list of calls");
    const made = madeIn(it);
    const banned = made.find(({ name }) => forbidden.includes(name));
    if (banned) return wrong(`called the forbidden ${quoted(banned.name)}`);
    const evidence = accuracies(made, expected);
    if (made.length === 0 && expected.length === 0) return { value: 1, evidence };
    const keys = [made.map(keyOf), expected.map(keyOf)] as const;
    if (order === "exact") return { value: canonical(keys[0]) === canonical(keys[1]) ? 1 : 0, evidence };
    const matched = order === "inOrder" ? longestCommon(...keys) : commonCount(...keys);
    // F1 = 2·matched / (made + expected)
    return { value: (2 * matched) / (made.length + expected.length), evidence };
  });
}

const keyOf = (call: ExpectedCall): string => canonical([call.name, call.arguments ?? {}]);

function callsIn(value: unknown): readonly ExpectedCall[] | null {
  if (!Array.isArray(value)) return null;
  const isCall = (call: unknown): call is ExpectedCall =>
    typeof call === "object" && call !== null && "name" in call && typeof call.name === "string";
  return value.every(isCall) ? value : null;
}

/** The calls of an answer; arguments that are no JSON count as a text nobody expects. */
function madeIn({ toolCalls: calls = [] }: Scored): readonly ExpectedCall[] {
  return calls.map(({ name, argumentsText }: ToolCall) => {
    const parsed = parseAnswer(argumentsText === "" ? "{}" : argumentsText);
    return { name, arguments: parsed.ok ? parsed.value : { notJson: argumentsText } };
  });
}

function accuracies(made: readonly ExpectedCall[], expected: readonly ExpectedCall[]) {
  const names = commonCount(
    made.map(({ name }) => name),
    expected.map(({ name }) => name),
  );
  const whole = commonCount(made.map(keyOf), expected.map(keyOf));
  return {
    names: expected.length === 0 ? null : names / expected.length,
    arguments: names === 0 ? null : whole / names,
  };
}

/** Size of the intersection, repeats counted. */
function commonCount(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const key of a) left.set(key, (left.get(key) ?? 0) + 1);
  let count = 0;
  for (const key of b) {
    const there = left.get(key) ?? 0;
    if (there > 0) count++;
    left.set(key, there - 1);
  }
  return count;
}

/**
 * Length of the longest common subsequence, in memory of the shorter list.
 * Worked value: `longestCommon(["a", "b", "c"], ["a", "c", "b"])` is 2.
 */
export function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const left of a) {
    const next = [0];
    for (const [i, right] of b.entries())
      next.push(left === right ? (row[i] ?? 0) + 1 : Math.max(row[i + 1] ?? 0, next[i] ?? 0));
    row = next;
  }
  return row.at(-1) ?? 0;
}
