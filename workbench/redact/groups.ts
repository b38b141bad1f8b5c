const BLANK = 32;
const BRACKET = 40;
const PLUS = 43;
const HYPHEN = 45;
const SLASH = 47;
const ZERO = 48;
const COLON = 58;

/**
 * Whether digits at [from, to) may be a telephone or social security number by how they stand in groups:
 * a plus or bracket; three, three or two, and four; or a 0 that begins a group. Never false where one of
 * these patterns would match; dates, prices and order numbers beside each other have no such groups.
 */
export function mayBeGroups(codes: Uint8Array, from: number, to: number): boolean {
  // Lengths of the two groups before this one, 0 where more than one character is between.
  let [first, second] = [0, 0];
  for (let at = from > 0 ? from - 1 : 0; at < to; at++) {
    const code = codes[at] as number;
    if (code === PLUS || code === BRACKET) return true;
    if (!isDigit(code)) continue;
    const start = at;
    while (isDigit(codes[at + 1] as number)) at++;
    const length = at + 1 - start;
    if (start < 2 || !isDigit(codes[start - 2] as number)) [first, second] = [0, 0];
    if (first === 3 && (second === 3 || second === 2) && length === 4) return true;
    if (code === ZERO && length > 1 && length < 6 && mayBeTrunk(codes, start, at + 1)) return true;
    [first, second] = [second, length];
  }
  return false;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** A group that begins with 0, no part of a date or decimal, with another right behind it. */
function mayBeTrunk(codes: Uint8Array, from: number, to: number): boolean {
  const before = from > 0 ? (codes[from - 1] as number) : BLANK;
  if (before >= PLUS && before <= SLASH) return false;
  if (before === COLON) return false;
  const after = codes[to] as number;
  return (after === BLANK || after === HYPHEN || after === SLASH) && isDigit(codes[to + 1] as number);
}
