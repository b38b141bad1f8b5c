import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import type { SecretLintRuleContext, SecretLintSourceCode } from "@secretlint/types";
import type { Detector, Span, Spot } from "./detector.ts";
import { LONG_RUN } from "./triggers.ts";

/**
 * What each rule of the library cannot match without. A test holds that every rule of the preset is
 * here or in LEFT_OUT, so that a new one is not forgotten.
 */
export const LIBRARY: Readonly<Record<string, readonly string[]>> = {
  "1password": ["ops_ey"],
  anthropic: ["sk-ant-"],
  aws: ["A3T", "AKIA", "AGPA", "AIDA", "AROA", "AIPA", "ANPA", "ANVA", "ASIA"],
  cloudflare: ["cfk_", "cfut_", "cfat_"],
  databricks: ["dapi"],
  docker: ["dckr_pat_"],
  figma: ["figd_"],
  github: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
  gitlab: ["glpat-"],
  grafana: ["glc_", "glsa_"],
  groq: ["gsk_"],
  "hashicorp-vault": ["hvs.", "hvb.", "hvr."],
  huggingface: ["hf_"],
  linear: ["lin_api_"],
  notion: ["ntn_"],
  npm: ["npm_", "_authToken"],
  openai: ["sk-"],
  sendgrid: ["SG."],
  shopify: ["shppa_", "shpca_", "shpat_", "shpss_"],
  slack: ["xoxb-", "xoxp-", "xapp-", "xoxa-", "xoxo-", "xoxr-", "hooks.slack.com"],
  stripe: ["sk_live_", "sk_test_", "rk_live_", "rk_test_"],
  tailscale: ["tskey-"],
  vercel: ["vcp_", "vci_", "vca_", "vcr_", "vck_"],
};

/** Ours are wider (keys, passwords in URLs), need a file's name, or steer the library by comments. */
export const LEFT_OUT = ["basicauth", "database-connection-string", "filter-comments", "gcp", "privatekey"];

/** What the library has no rule for, or asks for an older form of: a prefix, and the shortest tail. */
const OURS: readonly (readonly [prefix: string, tail: string])[] = [
  ["sk-", "(?:[a-z]+-)*[A-Za-z0-9_-]{20,}"],
  ["pk_live_", "[A-Za-z0-9]{16,}"],
  ["pk_test_", "[A-Za-z0-9]{16,}"],
  ["sk_live_", "[A-Za-z0-9]{16,}"],
  ["sk_test_", "[A-Za-z0-9]{16,}"],
  ["xoxe-", "[\\w-]{10,}"],
  ["xoxs-", "[\\w-]{10,}"],
  ["ABIA", "[0-9A-Z]{16}"],
  ["ACCA", "[0-9A-Z]{16}"],
  ["AIza", "[\\w-]{35}"],
  ["ya29.", "[\\w-]{20,}"],
  ["hf_", "[A-Za-z0-9]{30,}"],
  ["pypi-", "[\\w-]{50,}"],
  ["shppa_", "[0-9a-fA-F]{32}"],
  ["dop_v1_", "[0-9a-f]{64}"],
  ["key-", "[0-9a-f]{32}"],
  ["SK", "[0-9a-f]{32}"],
  ["AC", "[0-9a-f]{32}"],
];
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const OUR_PATTERN = new RegExp(
  `(?<![A-Za-z0-9_])(?:${OURS.map(([prefix, tail]) => escaped(prefix) + tail).join("|")}|\\d{8,10}:AA[\\w-]{33})(?![A-Za-z0-9_])`,
  "g",
);
/** One alternative a prefix, in groups: which of them matched says which rules to ask. */
const PREFIX = new RegExp(
  [...new Set([...OURS.map(([prefix]) => prefix), ":AA", ...Object.values(LIBRARY).flat()])]
    .sort()
    .map(escaped)
    .join("|"),
  "g",
);

const LONG = new RegExp(`[\\w-]{${LONG_RUN}}`);
const BEFORE = 80;
const AFTER = 80;
const LONGEST_TOKEN = 1500;

/**
 * API keys and tokens with a prefix that their issuers document: the rules of secretlint's
 * recommended preset, and a few of our own. All have a long run, and few long runs have a prefix.
 */
export const issuedSecret: Detector = {
  kind: "SECRET",
  needs: { trigger: "run", count: LONG_RUN },
  normalise: (value) => value,
  find: (spot) => {
    const { text, from, to } = spot;
    // A prefix stands in the run, or before a sign that ends one: SG.…, 123456:AA…, hooks.slack.com/….
    const isJoined = /[.:/]/.test(text.charAt(from - 1));
    const prefixes = text.slice(isJoined ? Math.max(0, from - BEFORE) : from, to).match(PREFIX);
    if (prefixes === null) return [];
    const offset = Math.max(0, from - BEFORE);
    const part = text.slice(offset, Math.max(to + AFTER, endOfToken(spot)));
    const found = [...byLibrary(part, new Set(prefixes)), ...ours(part)];
    // The library takes `xoxb-a-A` for a token; no issuer hands out so short a one.
    return found
      .filter(({ start, end }) => LONG.test(part.slice(start, end)))
      .map(({ start, end }) => ({ start: start + offset, end: end + offset }));
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
