import { claimsOver } from "./claims.ts";
import type { Detector, EntityKind, LeftInPlace, Span } from "./detector.ts";
import { digitsIn, gateTo } from "./gate.ts";
import type { Policy } from "./policy.ts";
import { DEFAULT_POLICY } from "./policy.ts";

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
// Characters that hide a value from a pattern: zero-width ones, and the full-width forms of ASCII.
const FOLDED = /[\u00ad\u200b-\u200d\u2060\ufeff\uff01-\uff5e]/;

/**
 * Personal data and secrets in a text, in order, without overlaps. Full-width characters are read
 * as ASCII and zero-width ones ignored; pseudonyms that are there already are left alone.
 *
 * Worked value: `findEntities("mail ann@example.org")` is one EMAIL at 5–20.
 */
export function findEntities(
  text: string,
  policy: Policy = DEFAULT_POLICY,
  left: LeftInPlace = () => undefined,
): readonly Entity[] {
  const folded = FOLDED.test(text) ? fold(text) : null;
  const plain = folded?.text ?? text;
  if (!policy.gate(plain)) return [];
  const digits = digitsIn(plain);
  const claims = claimsOver(plain.length);
  for (const token of tokensIn(plain)) claims.take(token);
  const found: Entity[] = [];
  for (const detector of policy.detectors)
    if (gateOf(detector)(plain, digits))
      for (const span of detector.find(plain, left)) {
        if (!claims.take(span)) continue;
        found.push(entity({ span, detector, plain, text, positions: folded?.positions ?? null }));
      }
  return found.sort((a, b) => a.start - b.start);
}

const gates = new WeakMap<Detector, ReturnType<typeof gateTo>>();
function gateOf(detector: Detector): ReturnType<typeof gateTo> {
  const known = gates.get(detector) ?? gateTo(detector.needs);
  gates.set(detector, known);
  return known;
}

function tokensIn(text: string): Span[] {
  if (!text.includes("[")) return [];
  return [...text.matchAll(TOKEN)].map(({ 0: token, index }) => ({
    start: index,
    end: index + token.length,
  }));
}

interface Claim {
  readonly span: Span;
  readonly detector: Detector;
  readonly plain: string;
  readonly text: string;
  readonly positions: readonly number[] | null;
}

function entity({ span, detector, plain, text, positions }: Claim): Entity {
  const start = positions?.[span.start] ?? span.start;
  const end = positions ? (positions[span.end - 1] ?? 0) + 1 : span.end;
  const normal = detector.normalise(plain.slice(span.start, span.end));
  return { kind: detector.kind, start, end, value: text.slice(start, end), normal };
}

/** The text as patterns should see it, and where each of its characters stood. */
function fold(text: string): { text: string; positions: number[] } {
  let plain = "";
  const positions: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0xad || (code >= 0x200b && code <= 0x200d) || code === 0x2060 || code === 0xfeff) continue;
    plain += code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : text.charAt(at);
    positions.push(at);
  }
  return { text: plain, positions };
}
