import { digestOf } from "../schema/canonical.ts";
import { email, phone, phoneBesideWord } from "./contact.ts";
import type { Detector, EntityKind } from "./detector.ts";
import { dni, nationalId, nationalIdBesideWord, ssn } from "./identity.ts";
import { issuedSecret } from "./issued-secrets.ts";
import { listDetector } from "./names.ts";
import { ipHost, ipv4, ipv6, macColons, macHyphens, macQuads } from "./network.ts";
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
  nationalIdBesideWord,
  dni,
  macColons,
  macHyphens,
  macQuads,
  ipv6,
  ipv4,
  ipHost,
  phone,
  phoneBesideWord,
];

/** Raised when a detector changes what it finds, so that old imports are known to be of an older kind. */
const DETECTORS_VERSION = 4;

/** What is replaced, and how. Made once for a source, used for every record of it. */
export interface Policy {
  readonly detectors: readonly Detector[];
  readonly scope: "workspace" | "conversation";
  /** What a value becomes: a token such as [EMAIL:k3fxqa7m2x], or, where there is one, a documentation value. */
  readonly style: "token" | "surrogate";
  /** False leaves text as it is; `user_key` is a pseudonym all the same. */
  readonly redact: boolean;
  /** Of everything the outcome depends on, the key excepted. */
  readonly digest: string;
  /** What it was made of: plain data, of which another thread makes the same. */
  readonly options: PolicyOptions;
}

export interface PolicyOptions {
  readonly redact?: boolean;
  /** Entities left in place, by name in any case: `ip`. */
  readonly allow?: readonly string[];
  /** The lines of the user's lists. */
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly customerIds?: readonly string[];
  readonly scope?: "workspace" | "conversation";
  readonly style?: "token" | "surrogate";
}

export function makePolicy(options: PolicyOptions = {}): Policy {
  const { redact = true, scope = "workspace", style = "token" } = options;
  const { names = [], addresses = [], customerIds = [] } = options;
  const allow = new Set((options.allow ?? []).map((name) => name.toUpperCase()));
  const lists = [
    listDetector("ADDRESS", addresses),
    listDetector("CUSTOMER_ID", customerIds),
    listDetector("NAME", names),
  ].filter((_, at) => [addresses, customerIds, names][at]?.length !== 0);
  const detectors = [...DETECTORS, ...lists].filter(({ kind }) => !allow.has(kind));
  return {
    options,
    detectors,
    scope,
    style,
    redact,
    digest: digestOf({
      version: DETECTORS_VERSION,
      redact,
      scope,
      allow: [...allow].sort(),
      names: [...names].sort(),
      // Left out when not set, so that what was imported before is still known as read alike.
      ...(style === "token" ? {} : { style }),
      ...(addresses.length === 0 ? {} : { addresses: [...addresses].sort() }),
      ...(customerIds.length === 0 ? {} : { customerIds: [...customerIds].sort() }),
    }),
  };
}

export const DEFAULT_POLICY: Policy = makePolicy();
export type { EntityKind };
