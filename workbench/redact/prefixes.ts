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
export const OURS: readonly (readonly [prefix: string, tail: string])[] = [
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

/** What begins every issuer's token that either of them knows. */
export const PREFIXES: readonly string[] = [
  ...new Set([...OURS.map(([prefix]) => prefix), ":AA", ...Object.values(LIBRARY).flat()]),
].sort();
