import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NearDedupSettings } from "../schema/dataset-definition.ts";
import { seeded } from "../stats/random.ts";
import { nearDuplicates } from "./near-duplicates.ts";
import { gramHashes, jaccard, shingles } from "./shingles.ts";
import { wordsOf } from "./text.ts";
import { unionFind } from "./union-find.ts";

const settings = NearDedupSettings.parse({});

const shared = <T>(one: ReadonlySet<T>, two: ReadonlySet<T>): number =>
  [...one].filter((item) => two.has(item)).length;

/** The definition, without hashing: sets of joined words, all pairs, components by repeated relabelling. */
function bruteForce(texts: readonly string[]): readonly (readonly number[])[] {
  const sets = texts.map((text) => {
    const words = wordsOf(text);
    if (words.length < settings.minWords) return null;
    return new Set(
      words
        .slice(settings.shingleWords - 1)
        .map((_, at) => words.slice(at, at + settings.shingleWords).join(" ")),
    );
  });
  const label = texts.map((_, at) => at);
  for (let changed = true; changed;) {
    changed = false;
    for (let a = 0; a < texts.length; a++)
      for (let b = 0; b < a; b++) {
        const [one, two] = [sets[a], sets[b]];
        if (!one || !two || label[a] === label[b]) continue;
        const both = shared(one, two);
        if (both / (one.size + two.size - both) < settings.jaccard) continue;
        const low = Math.min(label[a]!, label[b]!);
        label[a] = label[b] = low;
        changed = true;
      }
  }
  return [...Map.groupBy(label.keys(), (at) => label[at]!).values()].filter((set) => set.length > 1);
}

/** Texts of 20 to 80 words; about half are earlier texts with a few words changed. */
function corpus(seed: number, count: number): readonly string[] {
  const random = seeded(seed);
  const texts: string[][] = [];
  while (texts.length < count) {
    const parent = random.uniform() < 0.5 ? texts[random.below(Math.max(1, texts.length))] : undefined;
    const words = parent
      ? [...parent]
      : Array.from({ length: 20 + random.below(60) }, () => `w${random.below(4000)}`);
    for (let edits = parent ? random.below(3) : 0; edits > 0; edits--)
      words[random.below(words.length)] = `e${random.below(9999)}`;
    texts.push(words);
  }
  return texts.map((words) => words.join(" "));
}

describe("nearDuplicates", () => {
  it("finds what comparing all pairs finds, but for the few at the threshold that LSH may miss", () => {
    let [truth, found] = [0, 0];
    for (const seed of [1, 2, 3, 4]) {
      const texts = corpus(seed, 400);
      const pairs = (clusters: readonly (readonly number[])[]): Set<string> =>
        new Set(
          clusters.flatMap((set) => set.flatMap((a) => set.filter((b) => b > a).map((b) => `${a} ${b}`))),
        );
      const [expected, got] = [pairs(bruteForce(texts)), pairs(nearDuplicates(texts, settings).clusters)];
      expect([...got].filter((pair) => !expected.has(pair))).toEqual([]);
      truth += expected.size;
      found += got.size;
    }
    expect(truth).toBeGreaterThan(300);
    expect(found / truth).toBeGreaterThanOrEqual(0.99);
  });

  it("never joins texts that are unlike, whatever the bands propose", () => {
    const loose = { ...settings, bands: 64, rowsPerBand: 1 };
    const texts = corpus(9, 120);
    const found = nearDuplicates(texts, loose);
    expect(found.compared).toBeGreaterThan(found.alike);
    expect(found.clusters).toEqual(bruteForce(texts));
  });

  it("compares short texts nowhere", () => {
    const found = nearDuplicates(["one two three", "one two three"], settings);
    expect(found).toMatchObject({ clusters: [], tooShort: 2 });
  });
});

describe("shingles", () => {
  it("has one hash for each distinct run of words, and one for a text shorter than a run", () => {
    expect(shingles(["a", "b", "c", "d", "e", "f", "g"], 5)).toHaveLength(3);
    expect(shingles(["a", "a", "a", "a"], 2)).toHaveLength(1);
    expect(shingles(["a"], 5)).toHaveLength(1);
    expect(shingles([], 5)).toHaveLength(0);
  });

  it("separates words, stays an exact integer, and hardly collides", () => {
    const runs = [
      ["ab", "c"],
      ["a", "bc"],
      ["c", "ab"],
      ["abc", ""],
    ].map((words) => gramHashes(words, 2)[0]);
    expect(new Set(runs).size).toBe(4);
    // Neighbours with few different letters; every run of two is another one.
    const words = Array.from({ length: 200_001 }, (_, i) => `w${i % 2 === 0 ? i : i % 1000}`);
    const hashes = [...gramHashes(words, 2)];
    expect(hashes.every(Number.isSafeInteger)).toBe(true);
    expect(new Set(hashes).size).toBe(200_000);
    expect(new Set(hashes.map((hash) => hash % 2 ** 32)).size).toBeGreaterThan(199_980);
  });

  it("measures Jaccard as sets do", () => {
    const small = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 12 });
    fc.assert(
      fc.property(small, small, (a, b) => {
        const [one, two] = [new Set(a), new Set(b)];
        const union = new Set([...one, ...two]).size;
        const ordered = (set: Set<number>): Float64Array => Float64Array.from([...set].sort((x, y) => x - y));
        expect(jaccard(ordered(one), ordered(two))).toBe(union === 0 ? 1 : shared(one, two) / union);
      }),
    );
  });
});

describe("unionFind", () => {
  it("gives the same sets for any order of edges, named by their smallest member", () => {
    const edges = fc.array(fc.tuple(fc.nat(14), fc.nat(14)), { maxLength: 20 });
    fc.assert(
      fc.property(edges, fc.infiniteStream(fc.nat()), (list, keys) => {
        const shuffled = list
          .map((edge) => ({ edge, at: keys.next().value as number }))
          .sort((a, b) => a.at - b.at);
        const [one, two] = [unionFind(15), unionFind(15)];
        for (const [a, b] of list) one.join(a, b);
        for (const { edge } of shuffled) two.join(edge[1], edge[0]);
        expect(two.sets()).toEqual(one.sets());
        for (const set of one.sets()) expect(set.every((item) => one.find(item) === set[0])).toBe(true);
      }),
    );
  });
});
