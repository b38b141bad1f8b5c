/** The longest that is remembered: names of keys, roles and models, which every record of a log repeats. */
const LONGEST = 40;
const SLOTS = 1 << 12;

/** Short texts in which nothing was found. One slot for each digest of a few characters: a newer text takes an older one's. */
export class QuietTexts {
  readonly #slots: string[] = new Array<string>(SLOTS).fill("");

  has(text: string): boolean {
    return text.length <= LONGEST && text.length > 0 && this.#slots[slotOf(text)] === text;
  }

  add(text: string): void {
    if (text.length <= LONGEST) this.#slots[slotOf(text)] = text;
  }
}

/** Cheaper than a set, which has to read all of a text that it has not seen. */
function slotOf(text: string): number {
  const last = text.length - 1;
  const ends = text.charCodeAt(0) * 31 + text.charCodeAt(last);
  const inside = text.charCodeAt(last >> 1) * 31 + text.charCodeAt((last * 3) >> 2);
  return (ends * 961 + inside + (last << 5)) & (SLOTS - 1);
}
