import { digestOf } from "../schema/canonical.ts";
import { email, phone } from "./contact.ts";
import type { Detector, EntityKind } from "./detector.ts";
import type { Gate } from "./gate.ts";
import { gateOf } from "./gate.ts";
import { nationalId, ssn } from "./identity.ts";
import { namesDetector } from "./names.ts";
import { ip, mac } from "./network.ts";
import { card, iban } from "./payment.ts";
import { dataUrl, jwt, privateKey, issuedSecret, secretBesideWord, urlPassword } from "./secrets.ts";

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
  mac,
  ip,
  phone,
];

/** Raised when a detector changes what it finds, so that old imports are known to be of an older kind. */
const DETECTORS_VERSION = 1;

/** What is replaced, and how. Made once for a source, used for every record of it. */
export interface Policy {
  readonly detectors: readonly Detector[];
  /** False means that no detector can match: most texts stop here. */
  readonly gate: Gate;
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
    gate: gateOf(detectors.map(({ needs }) => needs)),
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
