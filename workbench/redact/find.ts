import { claimsOver } from "./claims.ts";
import type { Detector, EntityKind, LeftInPlace, Span } from "./detector.ts";
import type { Folded } from "./fold.ts";
import { fold, isFoldable } from "./fold.ts";
import type { Policy } from "./policy.ts";
import { DEFAULT_POLICY } from "./policy.ts";
import { QuietTexts } from "./quiet-texts.ts";
import { SURROGATES } from "./surrogate.ts";
import type { Places } from "./places.ts";
import { TRIGGERS } from "./trigger-places.ts";
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
  const { asked, quiet } = searchOf(policy);
  if (quiet.has(text)) return NOTHING;
  const folded = !triggersIn(text) && isFoldable(text) ? fold(text) : null;
  if (folded) triggersIn(folded.text);
  const toldBefore = told;
  const entities = entitiesAt(asked, { text, folded, left });
  if (entities.length === 0 && told === toldBefore) quiet.add(text);
  return entities;
}

interface Read {
  readonly text: string;
  readonly folded: Folded | null;
  readonly left: LeftInPlace;
}

/** What the detectors find at the triggers of the text that was read last. */
function entitiesAt(asked: readonly Asked[], { text, folded, left }: Read): readonly Entity[] {
  const plain = folded?.text ?? text;
  let found: Found[] | null = null;
  listener = left;
  for (const { detector, places, least } of asked) {
    if (places.length === 0 || places.most < least) continue;
    for (const span of spansOf(detector, places, { plain, left: tell }))
      (found ??= []).push({ span, detector });
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

// Of the text that is searched now: what is told of it once must be told again.
let listener: LeftInPlace = () => undefined;
let told = 0;
const tell: LeftInPlace = (what) => {
  told++;
  listener(what);
};

/** How a policy's detectors are asked. */
interface Search {
  readonly asked: readonly Asked[];
  readonly quiet: QuietTexts;
}
interface Asked {
  readonly detector: Detector;
  readonly places: Places;
  readonly least: number;
}
const searches = new WeakMap<Policy, Search>();
let latest: { readonly policy: Policy; readonly search: Search } | null = null;

function searchOf(policy: Policy): Search {
  if (latest?.policy === policy) return latest.search;
  const search = searches.get(policy) ?? {
    asked: policy.detectors.map((detector) => ({ detector, ...placesFor(detector) })),
    quiet: new QuietTexts(),
  };
  searches.set(policy, search);
  latest = { policy, search };
  return search;
}

/** Where a detector is to look in the text that was read last: at places of so many and more. */
export function placesFor({ needs }: Detector): { readonly places: Places; readonly least: number } {
  return { places: TRIGGERS[needs.trigger], least: "count" in needs ? needs.count : 0 };
}

function spansOf(
  { find, needs }: Detector,
  { numbers, length }: Places,
  { plain, left }: { readonly plain: string; readonly left: LeftInPlace },
): readonly Span[] {
  // From the first to the last: a block that is cut off must be told once, not from each of its lines.
  if (needs.trigger === "pem")
    return find({ text: plain, from: numbers[0] ?? 0, to: numbers[length - 2] ?? 0, left });
  const least = "count" in needs ? needs.count : 0;
  let spans: Span[] | null = null;
  for (let at = 0; at < length; at += 3) {
    if ((numbers[at + 2] ?? 0) < least) continue;
    const found = find({ text: plain, from: numbers[at] ?? 0, to: numbers[at + 1] ?? 0, left });
    if (found.length > 0) (spans ??= []).push(...found);
  }
  return spans ?? NONE;
}
const NONE: readonly Span[] = [];

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
