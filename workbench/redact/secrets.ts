import { ENDS_VALUE, LONGEST_VALUE, SHORTEST_VALUE } from "./beside-word.ts";
import type { Detector, Span, Spot } from "./detector.ts";
import { placesOf } from "./detector.ts";

const same = (value: string): string => value;

/**
 * Shannon entropy of a text in bits per character.
 * Worked value: `entropyBits("aabb")` is 1.
 */
export function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

const BESIDE_A_WORD =
  /(?<![A-Za-z])(?:api[_ -]?key|access[_ -]?key|secret(?:[_ -]?key)?|client[_ -]?secret|auth(?:orization)?|bearer|token|passw(?:or)?d|pwd)["']?(?:\s*[:=]\s*|\s+is\s+|\s+)["']?(?:bearer\s+|basic\s+)?([^\s"',;<>()[\]{}]{8,512})$/i;
const WORDS = 64;

/** High entropy beside a word such as key, token or password. The value has a digit: it is grown from that. */
export const secretBesideWord: Detector = {
  kind: "SECRET",
  needs: { trigger: "value" },
  normalise: same,
  find: ({ text, from, to }) => {
    const spans: Span[] = [];
    for (let at = from; at < to; at++) {
      if (!isDigit(text, at)) continue;
      const start = startOfValue(text, at);
      const end = endOfValue(text, at);
      at = end;
      if (start === null || end - start < SHORTEST_VALUE) continue;
      const value = BESIDE_A_WORD.exec(text.slice(Math.max(0, start - WORDS), end))?.[1];
      if (value !== undefined && looksRandom(value)) spans.push({ start: end - value.length, end });
    }
    return spans;
  },
};

/** Null when an earlier digit belongs to the same value: it was grown from that one. */
function startOfValue(text: string, digit: number): number | null {
  let start = digit;
  while (start > 0 && digit - start < LONGEST_VALUE && !endsValue(text, start - 1)) {
    start--;
    if (isDigit(text, start)) return null;
  }
  return start;
}

function endOfValue(text: string, digit: number): number {
  let end = digit + 1;
  while (end - digit < LONGEST_VALUE && end < text.length && !endsValue(text, end)) end++;
  return end;
}

function endsValue(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 128 ? ENDS_VALUE[code] === 1 : /\s/.test(text.charAt(at));
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** Letters mixed with digits or signs, and at least 2.8 bits a character: no word of a language. */
function looksRandom(value: string): boolean {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(value)).length;
  return classes >= 2 && /\d/.test(value) && entropyBits(value) >= 2.8;
}

const JWT = /(?<![\w-])(eyJ[\w-]{12,})\.[\w-]{4,}\.[\w-]*/y;

/** Three base64url parts of which the first decodes to a JSON object. */
export const jwt: Detector = {
  kind: "JWT",
  needs: { trigger: "prefixed" },
  normalise: same,
  find: (spot) =>
    placesOf("eyJ", spot).flatMap((at) => {
      const match = stickyAt(JWT, spot.text, at);
      return match && decodesToJson(match[1] ?? "") ? [{ start: at, end: at + match[0].length }] : [];
    }),
};

function stickyAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function decodesToJson(part: string): boolean {
  try {
    return typeof JSON.parse(Buffer.from(part, "base64url").toString("utf8")) === "object";
  } catch {
    return false;
  }
}

const PEM_BEGIN = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----/y;
const PEM_END = /-----END [A-Z ]{0,20}-----/y;

/** PEM blocks; a block that was cut off ends with the text. */
export const privateKey: Detector = {
  kind: "PRIVATE_KEY",
  needs: { trigger: "pem" },
  normalise: same,
  find: (spot) => {
    const { text } = spot;
    const spans: Span[] = [];
    let done = 0;
    // Its end is searched for, not matched: a pattern over megabytes overflows the engine's stack.
    for (const start of placesOf("-----BEGIN", spot)) {
      const begin = start < done ? null : stickyAt(PEM_BEGIN, text, start);
      if (begin === null) continue;
      const bodyEnd = text.indexOf("-----END", start + begin[0].length);
      const end = bodyEnd === -1 ? "" : (stickyAt(PEM_END, text, bodyEnd)?.[0] ?? "");
      done = bodyEnd === -1 ? text.length : bodyEnd + end.length;
      spans.push({ start, end: done });
    }
    return spans;
  },
};

const URL_PASSWORD = /(?<=:\/\/)[^\s/:@"'<>]{0,128}:[^\s/@"'<>]{1,256}(?=@[^\s@])/y;

/** The `user:password` of a URL; what follows the @ stays readable. */
export const urlPassword: Detector = {
  kind: "URL_PASSWORD",
  needs: { trigger: "scheme" },
  normalise: same,
  find: (spot) =>
    placesOf("://", spot).flatMap((at) => {
      const match = stickyAt(URL_PASSWORD, spot.text, at + 3);
      return match ? [{ start: at + 3, end: at + 3 + match[0].length }] : [];
    }),
};

const DATA_URL = /(?<![A-Za-z])data:[a-z]+\/[\w.+-]+(?:;[\w=.+-]+)*;base64,[A-Za-z0-9+/=_-]{16,}/y;

/** Embedded files: their text is no language, and may hold anything. */
export const dataUrl: Detector = {
  kind: "DATA",
  needs: { trigger: "data" },
  normalise: same,
  find: (spot: Spot) =>
    placesOf(":", spot).flatMap((colon) => {
      const at = colon - 4;
      const match = spot.text.startsWith("data", at) && at >= 0 ? stickyAt(DATA_URL, spot.text, at) : null;
      return match ? [{ start: at, end: at + match[0].length }] : [];
    }),
};
