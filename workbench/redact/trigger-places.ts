import { Places } from "./places.ts";

/**
 * What a text must hold, and where, for a detector to match:
 * - `at`: an @ or `%40`; `host`: digits after `ip-`; `data`: the colon of `data:`; `pem`: the hyphens of `-----BEGIN`
 * - `scheme`: the colon of `://`, in a text that has an @
 * - `value`: the first digit of what stands beside a word such as token or password
 * - `lettered`: seven or eight digits and one letter, or a hyphen and one letter
 * - `long`: nine digits and more without a break
 * - `groups`, `card`, `national`: so many digits, grouped as in a telephone number, a card's or a national id
 *   (`groupsIn`); neighbours are at most 4 apart, and a letter right before one, but A or B, ends them
 * - `dots`: so many dots after a digit, neighbours 2 to 4 apart; `quads`: two dots with four characters between
 * - `colons`: so many, neighbours at most 5 apart, of which two are neighbours, or five
 * - `hyphens`: so many, with two characters between neighbours
 * - `head`: a country's two letters and two digits, as an IBAN begins
 * - `prefixed`: a long run of letters, digits, _ and - in which, or before which, one of PREFIXES may stand
 * - `text`: nothing in particular, the whole text is its spot
 */
export type Needs =
  | { readonly trigger: Exclude<keyof typeof TRIGGERS, Counted> }
  | { readonly trigger: Counted; readonly count: number };
type Counted = "groups" | "dots" | "colons" | "hyphens";

/** Where the triggers of all detectors are in the text that was read last. */
export const TRIGGERS = {
  at: new Places(),
  host: new Places(),
  data: new Places(),
  pem: new Places(),
  scheme: new Places(),
  value: new Places(),
  lettered: new Places(),
  long: new Places(),
  card: new Places(),
  national: new Places(),
  groups: new Places(),
  dots: new Places(),
  quads: new Places(),
  colons: new Places(),
  hyphens: new Places(),
  head: new Places(),
  prefixed: new Places(),
  text: new Places(),
};

export function clearTriggers(): void {
  for (const places of ALL) places.clear();
}
const ALL = Object.values(TRIGGERS);
