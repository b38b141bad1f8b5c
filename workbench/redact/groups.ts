const BLANK = 32;
const BRACKET = 40;
const PLUS = 43;
const HYPHEN = 45;
const SLASH = 47;
const COLON = 58;
const ZERO = 48;

/** What the digits of a chain may be by how they stand in groups: bits that are added. */
export const MAY_BE_PHONE = 1;
export const MAY_BE_CARD = 2;
export const MAY_BE_NATIONAL = 4;

const SHORTEST_CARD = 13;
const SHORTEST_NATIONAL = 12;

/**
 * What digits at [from, to) may be: a telephone or social security number with a plus or bracket, with
 * three, three or two, and four in a row, or with a 0 that begins a group; a card with 13 and more, or
 * four, four or six, and more in a row; a national id with three, three and three, or with blanks only.
 * Never without the bit of a pattern that would match; dates, prices and order numbers beside each other
 * have no such groups.
 */
export function groupsIn(codes: Uint8Array, from: number, to: number): number {
  let kinds = 0;
  // Lengths of the two groups before this one, 0 where more than two characters are between.
  let [first, second] = [0, 0];
  /** Digits so far with nothing but blanks or a letter between. */
  let plain = 0;
  let end = from;
  for (let at = from > 0 ? from - 1 : 0; at < to; at++) {
    const code = codes[at] as number;
    if (code === PLUS || code === BRACKET) kinds |= MAY_BE_PHONE;
    if (!isDigit(code)) {
      if (code >= PLUS && code <= SLASH) plain = 0;
      continue;
    }
    const start = at;
    while (isDigit(codes[at + 1] as number)) at++;
    const length = at + 1 - start;
    if (start - end > 2) [first, second] = [0, 0];
    plain += length;
    kinds |= kindsOf(first, second, length);
    if (plain >= SHORTEST_NATIONAL) kinds |= MAY_BE_NATIONAL;
    if (code === ZERO && length > 1 && length < 6 && mayBeTrunk(codes, start, at + 1)) kinds |= MAY_BE_PHONE;
    [first, second] = [second, length];
    end = at + 1;
  }
  return kinds;
}

function kindsOf(first: number, second: number, third: number): number {
  if (third >= SHORTEST_CARD) return MAY_BE_CARD;
  if (first === 3 && third === 4 && (second === 3 || second === 2)) return MAY_BE_PHONE;
  if (first === 3 && second === 3 && third === 3) return MAY_BE_NATIONAL;
  return first === 4 && (second === 4 || second === 6) && third > 3 ? MAY_BE_CARD : 0;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** A group that begins with 0, no part of a date or decimal, with another right behind it. */
function mayBeTrunk(codes: Uint8Array, from: number, to: number): boolean {
  const before = from > 0 ? (codes[from - 1] as number) : BLANK;
  if ((before >= PLUS && before <= SLASH) || before === COLON) return false;
  const after = codes[to] as number;
  return (after === BLANK || after === HYPHEN || after === SLASH) && isDigit(codes[to + 1] as number);
}
