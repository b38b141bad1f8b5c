import { digestOf } from "../schema/canonical.ts";
import { email, phone, phoneBesideWord } from "./contact.ts";
import type { Detector, EntityKind } from "./detector.ts";
import { dni, nationalId, ssn } from "./identity.ts";
import { issuedSecret } from "./issued-secrets.ts";
import { namesDetector } from "./names.ts";
import { ipv4, ipv6, macColons, macHyphens } from "./network.ts";
import { card, iban } from "./payment.ts";
import { dataUrl, jwt, privateKey, secretBesideWord, urlPassword } from "./secrets.ts";

/** In order of priority: where two claim the same text, the earlier has it. */
const DETECTORS: readonly Detector[] = [
  privateKey,
  dataUrl,
  jwt,
  urlPassword,
  issuedSecret,
  secretBesideWord,
  email,
  iban,
  card,
  ssn,
  nationalId,
  dni,
  macColons,
  macHyphens,
  ipv6,
  ipv4,
  phone,
  phoneBesideWord,
];

/** Raised when a detector changes what it finds, so that old imports are known to be of an older kind. */
const DETECTORS_VERSION = 2;

/** What is replaced, and how. Made once for a source, used for every record of it. */
export interface Policy {
  readonly detectors: readonly Detector[];
  readonly scope: "workspace" | "conversation";
  /** False leaves text as it is; `user_key` is a pseudonym all the same. */
  readonly redact: boolean;
  /** Of everything the outcome depends on, the key excepted. */
  readonly digest: string;
}

export interface PolicyOptions {
  readonly redact?: boolean;
  /** Entities left in place, by name in any case: `ip`. */
  readonly allow?: readonly string[];
  /** Names, addresses, customer ids: the lines of the user's lists. */
  readonly names?: readonly string[];
  readonly scope?: "workspace" | "conversation";
}

export function makePolicy(options: PolicyOptions = {}): Policy {
  const { redact = true, names = [], scope = "workspace" } = options;
  const allow = new Set((options.allow ?? []).map((name) => name.toUpperCase()));
  const detectors = [...DETECTORS, ...(names.length > 0 ? [namesDetector(names)] : [])].filter(
    ({ kind }) => !allow.has(kind),
  );
  return {
    detectors,
    scope,
    redact,
    digest: digestOf({
      version: DETECTORS_VERSION,
      redact,
      scope,
      allow: [...allow].sort(),
      names: [...names].sort(),
    }),
  };
}

export const DEFAULT_POLICY: Policy = makePolicy();
export type { EntityKind };
