/** A text as patterns should see it, and where each of its characters stood. */
export interface Folded {
  readonly text: string;
  readonly positionOf: (at: number) => number;
}

// Zero-width characters, the soft hyphen and direction marks hide a value from a pattern.
const HIDDEN = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe0f\ufeff]/g;
// Full-width ASCII, Arabic and Devanagari digits, hyphens, and spaces that typesetting puts in numbers.
const OTHER_FORM =
  /[\u00a0\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u2007\u2009\u200a\u2010-\u2013\u202f\u2212\u3000\uff01-\uff5e]/g;
const FOLDED = new RegExp(`${HIDDEN.source}|${OTHER_FORM.source}`);

/** Whether a text has anything to fold; most have not, and are searched as they are. */
export const isFoldable = (text: string): boolean => FOLDED.test(text);

/** Every character of the result stands for one of the text; hidden ones are left out. */
export function fold(text: string): Folded {
  const plain = text.replace(OTHER_FORM, ascii);
  const hidden = [...plain.matchAll(HIDDEN)].map(({ index }) => index);
  if (hidden.length === 0) return { text: plain, positionOf: (at) => at };
  return { text: plain.replace(HIDDEN, ""), positionOf: (at) => at + countBefore(hidden, at) };
}

function ascii(char: string): string {
  const code = char.charCodeAt(0);
  if (code >= 0xff01) return String.fromCharCode(code - 0xfee0);
  if (code === 0x2212 || (code >= 0x2010 && code <= 0x2013)) return "-";
  for (const zero of [0x660, 0x6f0, 0x966]) if (code >= zero && code < zero + 10) return String(code - zero);
  return " ";
}

/** How many characters were hidden before the one that is now at `at`: the n-th hidden moves all from `hidden[n] − n`. */
function countBefore(hidden: readonly number[], at: number): number {
  let low = 0;
  let high = hidden.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((hidden[middle] ?? 0) - middle <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
