import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import type { SecretLintRuleContext, SecretLintSourceCode } from "@secretlint/types";
import type { Detector, Span, Spot } from "./detector.ts";
import { LIBRARY, OURS, PREFIXES } from "./prefixes.ts";
import { BEFORE_RUN, LONG_RUN } from "./prefixed-runs.ts";

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const OUR_PATTERN = new RegExp(
  `(?<![A-Za-z0-9_])(?:${OURS.map(([prefix, tail]) => escaped(prefix) + tail).join("|")}|\\d{8,10}:AA[\\w-]{33})(?![A-Za-z0-9_])`,
  "g",
);
/** One alternative a prefix, in groups: which of them matched says which rules to ask. */
const PREFIX = new RegExp(PREFIXES.map(escaped).join("|"), "g");

const LONG = new RegExp(`[\\w-]{${LONG_RUN}}`);
const AFTER = 80;
const LONGEST_TOKEN = 1500;

/**
 * API keys and tokens with a prefix that their issuers document: the rules of secretlint's
 * recommended preset, and a few of our own. All have a long run, and few long runs have a prefix.
 */
export const issuedSecret: Detector = {
  kind: "SECRET",
  needs: { trigger: "prefixed" },
  normalise: (value) => value,
  find: (spot) => {
    const { text, from, to } = spot;
    // A prefix stands in the run, or before a sign that ends one: SG.…, 123456:AA…, hooks.slack.com/….
    const isJoined = /[.:/]/.test(text.charAt(from - 1));
    const prefixes = text.slice(isJoined ? Math.max(0, from - BEFORE_RUN) : from, to).match(PREFIX);
    if (prefixes === null) return [];
    const offset = Math.max(0, from - BEFORE_RUN - 1);
    const tokenEnd = endOfToken(spot);
    const end = Math.max(to + AFTER, tokenEnd);
    const part = text.slice(offset, end);
    const found = [...byLibrary(part, new Set(prefixes)), ...ours(part)];
    // A neighbour that is cut off here is found whole at its own run.
    const isWhole = (span: Span): boolean =>
      (span.start > 0 || offset === 0) && (span.end < part.length || end === tokenEnd || end >= text.length);
    // The library takes `xoxb-a-A` for a token; no issuer hands out so short a one.
    return found
      .filter((span) => isWhole(span) && LONG.test(part.slice(span.start, span.end)))
      .map((span) => ({ start: span.start + offset, end: span.end + offset }));
  },
};

function ours(part: string): Span[] {
  return [...part.matchAll(OUR_PATTERN)].map(({ 0: found, index }) => ({
    start: index,
    end: index + found.length,
  }));
}

/** Tokens of several parts go on after the run: dots, slashes, plus and equals signs. */
function endOfToken({ text, to }: Spot): number {
  let end = to;
  while (end < to + LONGEST_TOKEN && /[\w.+/=-]/.test(text[end] ?? " ")) end++;
  return end + 1;
}

interface Rule {
  readonly prefixes: readonly string[];
  readonly find: (source: SecretLintSourceCode) => void;
}

let reported: Span[] = [];

/** The library's rules report while they run: none of those that are asked awaits anything. */
function byLibrary(part: string, prefixes: ReadonlySet<string>): readonly Span[] {
  reported = [];
  const source = { content: part, filePath: "text", ext: "", contentType: "text" } as SecretLintSourceCode;
  for (const rule of RULES) if (rule.prefixes.some((prefix) => prefixes.has(prefix))) rule.find(source);
  return reported;
}

function rulesOf(): readonly Rule[] {
  return rules.flatMap((rule) => {
    const prefixes = LIBRARY[ruleName(rule.meta.id)];
    if (prefixes === undefined) return [];
    // Ids of AWS keys are off in the library by default: an id alone opens nothing, but names the account.
    const handler = rule.create(CONTEXT, ruleName(rule.meta.id) === "aws" ? { enableIDScanRule: true } : {});
    return [{ prefixes, find: (source: SecretLintSourceCode) => void handler.file?.(source) }];
  });
}

/** `@secretlint/secretlint-rule-aws` is `aws`. */
export function ruleName(id: string): string {
  return id.replace(/^.*secretlint-rule-/, "");
}

interface Reported {
  readonly range: readonly [number, number];
  readonly message: { readonly messageId: string };
}

/** Rules that report the length of the value from where its name begins: secretBesideWord finds the value itself. */
const MISPLACED = new Set(["AWSSecretAccessKey", "AWSAccountID"]);

const CONTEXT = {
  sharedOptions: {},
  createTranslator: () => (messageId: string) => ({ message: "", messageId }),
  report: ({ range, message }: Reported) => {
    if (!MISPLACED.has(message.messageId)) reported.push({ start: range[0], end: range[1] });
  },
  ignore: () => undefined,
} as unknown as SecretLintRuleContext;

const RULES = rulesOf();
