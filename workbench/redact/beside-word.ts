/** White space, quotes and brackets; beyond ASCII only white space does. */
export const ENDS_VALUE = new Uint8Array(256).fill(1, 0, 33);
for (const char of "\"',;<>()[]{}") ENDS_VALUE[char.charCodeAt(0)] = 1;
export const LONGEST_VALUE = 512;
export const SHORTEST_VALUE = 8;

// Of key, secret, auth, authorization, bearer, token, password, passwd, pwd; and of Basic, which follows one of them.
const ENDINGS = ["key", "cret", "auth", "zation", "arer", "oken", "word", "sswd", "pwd", "asic"];
/** By the last three letters of an ending, its place in ENDINGS and one more. */
const BY_LAST_THREE = new Uint8Array(1 << 15);
for (const [n, ending] of ENDINGS.entries())
  BY_LAST_THREE[mixed(Buffer.from(ending), ending.length - 1)] = n + 1;
const BETWEEN = new Uint8Array(256);
for (const char of " \t\r\n\"':=") BETWEEN[char.charCodeAt(0)] = 1;

/**
 * Whether the digit at `at` is the first of a value that may be a secret: long enough, and one of the
 * words ends before it, or before a colon or equals sign in it. Cheaper than the pattern, and never
 * false where that would match.
 */
export function mayBeSecret(codes: Uint8Array, at: number): boolean {
  let start = at;
  while (start > 0 && at - start < LONGEST_VALUE && ENDS_VALUE[codes[start - 1] as number] === 0) {
    start--;
    if (isDigit(codes[start] as number)) return false;
  }
  for (let end = at + 1; end < start + SHORTEST_VALUE; end++)
    if (ENDS_VALUE[codes[end] as number] === 1) return false;
  if (endsWord(codes, start - 1)) return true;
  for (let sign = start + 3; sign - at < LONGEST_VALUE; sign++) {
    const code = codes[sign] as number;
    if (ENDS_VALUE[code] === 1) return false;
    if ((code === 58 || code === 61) && endsWord(codes, sign - 1)) return true;
  }
  return false;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Whether a word ends at `at`, blanks, quotes, signs and an `is` skipped. */
function endsWord(codes: Uint8Array, at: number): boolean {
  const last = beforeBetween(codes, at);
  if (isEnding(codes, last)) return true;
  if (!isLetter(codes, last, 115) || !isLetter(codes, last - 1, 105)) return false;
  return isEnding(codes, beforeBetween(codes, last - 2));
}

function isEnding(codes: Uint8Array, last: number): boolean {
  if (last < 2) return false;
  const ending = ENDINGS[(BY_LAST_THREE[mixed(codes, last)] as number) - 1];
  if (ending === undefined) return false;
  for (let back = 0; back < ending.length; back++)
    if (!isLetter(codes, last - back, ending.charCodeAt(ending.length - 1 - back))) return false;
  return true;
}

function beforeBetween(codes: Uint8Array, at: number): number {
  while (at >= 0 && BETWEEN[codes[at] as number] === 1) at--;
  return at;
}

const isLetter = (codes: Uint8Array, at: number, letter: number): boolean =>
  at >= 0 && ((codes[at] as number) | 32) === letter;

/** The three letters that end at `last`, in any case: few other threes give the same number. */
function mixed(codes: Uint8Array, last: number): number {
  const [a, b, c] = [codes[last - 2] as number, codes[last - 1] as number, codes[last] as number];
  return ((a & 31) << 10) | ((b & 31) << 5) | (c & 31);
}
