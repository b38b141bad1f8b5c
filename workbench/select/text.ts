/**
 * Text as duplicates are told by: NFKC, white space folded to single blanks, trimmed.
 *
 * Worked value: `folded("ﬁne \n day ")` is `"fine day"`.
 */
export function folded(text: string): string {
  return text.normalize("NFKC").replace(/\s+/gu, " ").trim();
}

/**
 * The words of a text, lower case: runs of letters, marks, digits and inner apostrophes; everything
 * else separates. A JSON answer thus counts its keys and values.
 *
 * Worked value: `wordsOf('{"queue":"billing"} Don’t!')` is `["queue", "billing", "don’t"]`.
 */
export function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu) ?? []
  );
}

/** Code-unit order, the one order every sorted output uses: no locale, no collation version. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
