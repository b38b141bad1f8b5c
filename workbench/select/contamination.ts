import type { DecontaminateSettings } from "../schema/dataset-definition.ts";
import { ngramSize } from "./ngrams.ts";
import { gramHashes } from "./shingles.ts";
import { wordsOf } from "./text.ts";

/** A text that an evaluation uses. */
export interface SuiteItem {
  readonly id: string;
  readonly text: string;
}

export interface Suite {
  readonly suite: string;
  readonly items: readonly SuiteItem[];
}

/** A sample prepared for matching. */
export interface Sample {
  readonly suite: string;
  readonly item: SuiteItem;
  readonly words: readonly string[];
  readonly n: number;
  readonly grams: Float64Array;
}

/** What was repeated, with the words that prove it. Offsets count words. */
export interface Evidence {
  readonly suite: string;
  readonly item: string;
  readonly rule: "exact" | "overlap" | "run";
  /** Share of the sample's unmasked n-grams; 1 for an exact copy. */
  readonly overlap: number;
  readonly runWords: number;
  readonly run: string;
  readonly sampleOffset: number;
  readonly rowOffset: number;
  readonly sampleText: string;
  readonly rowText: string;
}

export function samplesOf(suites: readonly Suite[], settings: DecontaminateSettings): readonly Sample[] {
  return suites.flatMap(({ suite, items }) =>
    items.map((item) => {
      const words = wordsOf(item.text);
      const n = ngramSize(words.length, settings);
      return { suite, item, words, n, grams: gramHashes(words, n) };
    }),
  );
}

/**
 * N-grams that say nothing: in `templateSamples` or more samples of one suite, or in more than
 * `templateTrainShare` of the rows and at least two of them. `rows` are the word lists of each row's turns.
 */
export function templateGrams(
  samples: readonly Sample[],
  rows: readonly (readonly (readonly string[])[])[],
  settings: DecontaminateSettings,
): ReadonlySet<number> {
  const inSuite = new Map<string, number>();
  const known = new Set<number>();
  const masked = new Set<number>();
  for (const { suite, grams } of samples)
    for (const gram of new Set(grams)) {
      known.add(gram);
      const key = `${suite}\n${gram}`;
      const count = (inSuite.get(key) ?? 0) + 1;
      inSuite.set(key, count);
      if (count >= settings.templateSamples) masked.add(gram);
    }
  const inRows = new Map<number, number>();
  const sizes = [...new Set(samples.map((sample) => sample.n))];
  for (const turns of rows) {
    const here = new Set<number>();
    for (const words of turns)
      for (const n of sizes) for (const gram of gramHashes(words, n)) if (known.has(gram)) here.add(gram);
    for (const gram of here) inRows.set(gram, (inRows.get(gram) ?? 0) + 1);
  }
  for (const [gram, count] of inRows)
    if (count >= 2 && count > settings.templateTrainShare * rows.length) masked.add(gram);
  return masked;
}

/** Matches one turn of a row against one sample by its unmasked n-grams; null when it is below both limits. */
export function matchTurn(
  words: readonly string[],
  sample: Sample,
  { masked, settings }: { readonly masked: ReadonlySet<number>; readonly settings: DecontaminateSettings },
): Omit<Evidence, "suite" | "item" | "sampleText" | "rowText"> | null {
  const places = new Map<number, number>();
  gramHashes(words, sample.n).forEach((gram, at) => {
    if (!places.has(gram)) places.set(gram, at);
  });
  let [unmasked, matched, run, last, best] = [0, 0, 0, -1, { grams: 0, sampleOffset: 0, rowOffset: 0 }];
  sample.grams.forEach((gram, at) => {
    const open = !masked.has(gram);
    const place = open ? places.get(gram) : undefined;
    if (open) unmasked++;
    if (place !== undefined) matched++;
    // A run is one in both texts: the next n-gram of the sample is the next one of the row.
    run = place === undefined ? 0 : run > 0 && place === last + 1 ? run + 1 : 1;
    last = place ?? -1;
    if (run > best.grams)
      best = { grams: run, sampleOffset: at - run + 1, rowOffset: (place ?? 0) - run + 1 };
  });
  if (matched === 0) return null;
  const [overlap, runWords] = [matched / unmasked, best.grams + sample.n - 1];
  // One or two n-grams left of a template are no evidence, unless the whole sample stands in the row.
  const enough = matched >= settings.minGrams || sample.grams.every((gram) => places.has(gram));
  const isOverlap = enough && overlap >= settings.overlap;
  if (!isOverlap && runWords < settings.runWords) return null;
  return {
    rule: isOverlap ? "overlap" : "run",
    overlap,
    runWords,
    run: sample.words.slice(best.sampleOffset, best.sampleOffset + runWords).join(" "),
    sampleOffset: best.sampleOffset,
    rowOffset: best.rowOffset,
  };
}
