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
/** White space, quotes and brackets; beyond ASCII only white space does. */
const ENDS_VALUE = new Uint8Array(128).fill(1, 0, 33);
for (const char of "\"',;<>()[]{}") ENDS_VALUE[char.charCodeAt(0)] = 1;
const LONGEST_VALUE = 512;
const WORDS = 64;

/** High entropy beside a word such as key, token or password. The value has a digit: it is grown from that. */
export const secretBesideWord: Detector = {
  kind: "SECRET",
  needs: { trigger: "digits" },
  normalise: same,
  find: ({ text, from, to }) => {
    const spans: Span[] = [];
    for (let at = from; at < to; at++) {
      if (!isDigit(text.charCodeAt(at))) continue;
      const start = startOfValue(text, at);
      const end = endOfValue(text, at);
      at = end;
      if (start === null || end - start < 8 || !mayFollowWord(text, start, end)) continue;
      const value = BESIDE_A_WORD.exec(text.slice(Math.max(0, start - WORDS), end))?.[1];
      if (value !== undefined && looksRandom(value)) spans.push({ start: end - value.length, end });
    }
    return spans;
  },
};

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Null when an earlier digit belongs to the same value: it was grown from that one. */
function startOfValue(text: string, digit: number): number | null {
  let start = digit;
  while (start > 0 && digit - start < LONGEST_VALUE && !endsValue(text, start - 1)) {
    start--;
    if (isDigit(text.charCodeAt(start))) return null;
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

/** Whether one of the words ends before the value, or before a colon or equals sign in it: cheaper than the pattern. */
function mayFollowWord(text: string, start: number, end: number): boolean {
  if (endsWord(text, start - 1)) return true;
  for (let sign = start + 3; sign < end; sign++) {
    const code = text.charCodeAt(sign);
    if ((code === 58 || code === 61) && endsWord(text, sign - 1)) return true;
  }
  return false;
}

// key, secret, auth, authorization, bearer, token, password, passwd, pwd; and Basic, which follows one of them.
const LAST_THREE = new Set(
  ["key", "ret", "uth", "ion", "rer", "ken", "ord", "swd", "pwd", "sic"].map((end) => packed(end)),
);

/** Whether a word ends at `at`, blanks, quotes, signs and an `is` skipped. */
function endsWord(text: string, at: number): boolean {
  const last = beforeBetween(text, at);
  if (LAST_THREE.has(packed(text, last - 2))) return true;
  const isIs = lowerCode(text, last) === 115 && lowerCode(text, last - 1) === 105;
  return isIs && LAST_THREE.has(packed(text, beforeBetween(text, last - 2) - 2));
}

function beforeBetween(text: string, at: number): number {
  while (at >= 0 && BETWEEN.includes(text.charAt(at))) at--;
  return at;
}

/** Three letters from `at`, in lower case, as one number. */
function packed(text: string, at = 0): number {
  return (lowerCode(text, at) << 16) | (lowerCode(text, at + 1) << 8) | lowerCode(text, at + 2);
}

function lowerCode(text: string, at: number): number {
  return text.charCodeAt(at) | 32;
}
const BETWEEN = " \t\r\n\"':=";

/** Letters mixed with digits or signs, and at least 2.8 bits a character: no word of a language. */
function looksRandom(value: string): boolean {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(value)).length;
  return classes >= 2 && /\d/.test(value) && entropyBits(value) >= 2.8;
}

const JWT = /(?<![\w-])(eyJ[\w-]{12,})\.[\w-]{4,}\.[\w-]*/y;

/** Three base64url parts of which the first decodes to a JSON object. */
export const jwt: Detector = {
  kind: "JWT",
  needs: { trigger: "run", count: 15 },
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
  needs: { trigger: "hyphens", count: 5 },
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
