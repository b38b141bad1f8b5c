import type { Needs } from "./trigger-places.ts";

/** A stretch of text that a detector claims: [start, end) in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Told about look-alikes that failed their checksum and were therefore left in place. */
export type LeftInPlace = (what: string) => void;

/** Where a detector is to look: every match whose trigger lies in [from, to) of the text. */
export interface Spot {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly left: LeftInPlace;
}

/** One kind of personal data or secret. Pure; must run in time linear in the spot. */
export interface Detector {
  readonly kind: EntityKind;
  /** What it cannot match without: it is asked only there. Tests hold every detector to its word. */
  readonly needs: Needs;
  readonly find: (spot: Spot) => readonly Span[];
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
  "ADDRESS",
  "CUSTOMER_ID",
  "USER",
] as const;
export type EntityKind = (typeof ENTITY_KINDS)[number];

/** How far beyond its trigger a pattern may look, context included. */
export interface Reach {
  readonly before: number;
  readonly after: number;
}

/**
 * Every match of a global pattern around a spot that `accepts` agrees to. Only the spot and its
 * reach are searched, so that a trigger costs the same in a short text and in a long one.
 */
export function matchesAt(
  { text, from, to }: Spot,
  pattern: RegExp,
  { before, after }: Reach,
  accepts: (found: RegExpExecArray, start: number) => boolean = () => true,
): Span[] {
  const spans: Span[] = [];
  const offset = Math.max(0, from - before);
  const part = offset === 0 && to + after >= text.length ? text : text.slice(offset, to + after);
  pattern.lastIndex = 0;
  for (let match = pattern.exec(part); match !== null; match = pattern.exec(part)) {
    const start = offset + match.index;
    // What begins after the spot has its own, and is cut off here.
    if (start >= to) break;
    if (accepts(match, start)) spans.push({ start, end: start + match[0].length });
    if (match[0] === "") pattern.lastIndex++;
  }
  return spans;
}

/** Where `literal` begins inside a spot. */
export function placesOf(literal: string, { text, from, to }: Spot): number[] {
  const places: number[] = [];
  // A slice, or the search for what is not there would go on to the end of the text at every spot.
  const part = text.slice(from, to + literal.length - 1);
  for (let at = part.indexOf(literal); at !== -1; at = part.indexOf(literal, at + 1)) places.push(from + at);
  return places;
}

export const digitsOf = (value: string): string => value.replace(/\D/g, "");
export const lower = (value: string): string => value.toLowerCase();
