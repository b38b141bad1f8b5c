/** A stretch of text that a detector claims: [start, end) in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Told about look-alikes that failed their checksum and were therefore left in place. */
export type LeftInPlace = (what: string) => void;

/**
 * What a text must hold for a detector to match: one of these characters (as in a regular
 * expression's class), or one of these texts. The gate is the union of all; a property test holds
 * every detector to its word.
 */
export interface Needs {
  readonly chars?: string;
  readonly texts?: readonly string[];
  /** And so many digits, ASCII, anywhere in it. */
  readonly digits?: number;
}

/** One kind of personal data or secret. Pure; must run in time linear in the text. */
export interface Detector {
  readonly kind: EntityKind;
  readonly needs: Needs;
  readonly find: (text: string, left: LeftInPlace) => readonly Span[];
  /** Two spellings of one value give one text here, so that they get one pseudonym. */
  readonly normalise: (value: string) => string;
}

export const ENTITY_KINDS = [
  "PRIVATE_KEY",
  "DATA",
  "JWT",
  "URL_PASSWORD",
  "SECRET",
  "EMAIL",
  "IBAN",
  "CARD",
  "SSN",
  "NATIONAL_ID",
  "MAC",
  "IP",
  "PHONE",
  "NAME",
  "USER",
] as const;
export type EntityKind = (typeof ENTITY_KINDS)[number];

/** Every match of a global pattern that `accepts` agrees to. */
export function matches(
  text: string,
  pattern: RegExp,
  accepts: (match: RegExpExecArray) => boolean = () => true,
): Span[] {
  const spans: Span[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (accepts(match)) spans.push({ start: match.index, end: match.index + match[0].length });
    if (match[0] === "") pattern.lastIndex++;
  }
  return spans;
}

export const digitsOf = (value: string): string => value.replace(/\D/g, "");
export const lower = (value: string): string => value.toLowerCase();
