import { quoted } from "../../errors/printable.ts";
import { defineScorer, right, unscored, wrong, type ScorerOptions } from "../scorers/define.ts";
import { parseAnswer } from "../scorers/json.ts";
import type { Scorer } from "../types.ts";
import { askGuarded } from "./guard.ts";

export interface GuardedRegexOptions extends ScorerOptions {
  readonly pattern: string;
  /** Of `i`, `m`, `s`, `u`. */
  readonly flags?: string;
  readonly capture?: boolean;
}

/**
 * `regex` for golden sets: the pattern came as data, so it runs in a thread that is ended after 100 ms.
 * An answer that it could not be matched against in that time is unscored: neither right nor wrong.
 *
 * When to use: a value in a fixed place. When not to use: in a suite of your own; `regex` costs no thread.
 * Worked value: `guardedRegex({pattern: "^ticket (\\d+)$", capture: true})({output: "ticket 12", expected: "12"})` gives `{value: 1}`.
 */
export function guardedRegex({
  pattern,
  flags = "",
  capture = false,
  ...options
}: GuardedRegexOptions): Scorer {
  const spec = { name: "regex", version: 2, args: { pattern, flags, capture, guarded: true }, options };
  return defineScorer(spec, async ({ output, expected }) => {
    if (capture && (expected === undefined || expected === null)) return unscored("the row expects nothing");
    const reply = await askGuarded({ kind: "regex", pattern, flags, text: output });
    if ("failed" in reply) return unscored(`the pattern: ${reply.failed}`);
    if (!("matches" in reply) || !reply.matches) return wrong("the pattern does not match");
    if (!capture || reply.group === String(expected)) return right;
    return wrong(`expected ${quoted(expected)}, got ${quoted(reply.group)}`);
  });
}

/**
 * `jsonSchema` for golden sets: the schema (draft 7, no references outside) came as data and may hold
 * patterns, so it is compiled and asked in a thread that is ended after 100 ms.
 *
 * When to use: the shape of structured output. When not to use: free text.
 * Worked value: `guardedSchema({schema: {type: "object", required: ["queue"]}})({output: "{}"})` gives `{value: 0}`.
 */
export function guardedSchema({ schema, ...options }: ScorerOptions & { readonly schema: object }): Scorer {
  const text = JSON.stringify(schema);
  const spec = { name: "jsonSchema", version: 1, args: { schema, guarded: true }, options };
  return defineScorer(spec, async ({ output }) => {
    const parsed = parseAnswer(output);
    if (!parsed.ok) return wrong(parsed.why);
    const json = JSON.stringify(parsed.value);
    const reply = await askGuarded({ kind: "schema", schema: text, json });
    if ("failed" in reply) return unscored(`the schema: ${reply.failed}`);
    const paths = "paths" in reply ? reply.paths.map(dotted) : [];
    if (paths.length === 0) return right;
    return { ...wrong(`the schema refuses ${paths.slice(0, 3).join(", ")}`), evidence: paths };
  });
}

const dotted = (pointer: string): string => pointer.slice(1).replaceAll("/", ".") || "(the whole)";
