import { claimsOver } from "./claims.ts";
import type { Detector, EntityKind, LeftInPlace, Span } from "./detector.ts";
import { fold, isFoldable } from "./fold.ts";
import type { Policy } from "./policy.ts";
import { DEFAULT_POLICY } from "./policy.ts";
import { SURROGATES } from "./surrogate.ts";
import type { Places, Triggers } from "./triggers.ts";
import { triggersIn } from "./triggers.ts";

/** Personal data or a secret in a text, at [start, end) in UTF-16 units. */
export interface Entity extends Span {
  readonly kind: EntityKind;
  /** As it stands in the text. */
  readonly value: string;
  /** One spelling for all: what the pseudonym is made from. */
  readonly normal: string;
}

/** A pseudonym as this module writes it: kind and 50 bits. Never an entity itself. */
const TOKEN = /\[[A-Z_]{2,12}:(?:[a-z0-9.+/-]{1,64}:)?[a-z2-7]{10}\]/g;

/**
 * Personal data and secrets in a text, in order, without overlaps. Full-width characters, other
 * scripts' digits and rare spaces and hyphens are read as ASCII, zero-width ones ignored;
 * pseudonyms that are there already are left alone.
 *
 * Worked value: `findEntities("mail ann@example.org")` is one EMAIL at 5–20.
 */
export function findEntities(
  text: string,
  policy: Policy = DEFAULT_POLICY,
  left: LeftInPlace = () => undefined,
): readonly Entity[] {
  let triggers = triggersIn(text);
  const folded = !triggers.ascii && isFoldable(text) ? fold(text) : null;
  const plain = folded?.text ?? text;
  if (folded) triggers = triggersIn(plain);
  let found: Found[] | null = null;
  for (const detector of policy.detectors) {
    const places = placesFor(detector, triggers);
    if (places === null) continue;
    for (const span of spansOf(detector, places, { plain, left })) (found ??= []).push({ span, detector });
  }
  if (found === null) return NOTHING;
  const claims = claimsOver(plain.length);
  for (const token of standInsIn(plain)) claims.take(token);
  return found
    .filter(({ span }) => claims.take(span))
    .map(({ span, detector }) => entity({ span, detector, plain, text, positionOf: folded?.positionOf }))
    .sort((a, b) => a.start - b.start);
}

interface Found {
  readonly span: Span;
  readonly detector: Detector;
}
const NOTHING: readonly Entity[] = [];

/** Where a detector is to look, or null: most texts hold the triggers of none. */
export function placesFor({ needs }: Detector, triggers: Triggers): Places | null {
  const places = triggers[needs.trigger];
  if (places.length === 0) return null;
  if (!("count" in needs)) return places;
  for (let at = 2; at < places.length; at += 3) if ((places[at] ?? 0) >= needs.count) return places;
  return null;
}

function spansOf(
  { find, needs }: Detector,
  places: Places,
  { plain, left }: { readonly plain: string; readonly left: LeftInPlace },
): readonly Span[] {
  // From the first to the last: a block that is cut off must be told once, not from each of its lines.
  if (needs.trigger === "hyphens")
    return find({ text: plain, from: places[0] ?? 0, to: places.at(-2) ?? 0, left });
  const least = "count" in needs ? needs.count : 0;
  let spans: Span[] | null = null;
  for (let at = 0; at < places.length; at += 3) {
    if ((places[at + 2] ?? 0) < least) continue;
    const found = find({ text: plain, from: places[at] ?? 0, to: places[at + 1] ?? 0, left });
    if (found.length > 0) (spans ??= []).push(...found);
  }
  return spans ?? [];
}

function standInsIn(text: string): Span[] {
  const found = [...(text.includes("[") ? text.matchAll(TOKEN) : []), ...text.matchAll(SURROGATES)];
  return found.map(({ 0: token, index }) => ({
    start: index,
    end: index + token.length,
  }));
}

interface Claim extends Found {
  readonly plain: string;
  readonly text: string;
  readonly positionOf: ((at: number) => number) | undefined;
}

function entity({ span, detector, plain, text, positionOf }: Claim): Entity {
  const start = positionOf ? positionOf(span.start) : span.start;
  const end = positionOf ? positionOf(span.end - 1) + 1 : span.end;
  const normal = detector.normalise(plain.slice(span.start, span.end));
  return { kind: detector.kind, start, end, value: text.slice(start, end), normal };
}
