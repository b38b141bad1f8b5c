import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chiSquareUpper } from "./distribution.ts";
import { seeded } from "./random.ts";

/** sfc32 as its author wrote it, on BigInt: slow, and nothing in common with ours but the definition. */
function reference(seed: string): () => number {
  const MASK = 0xffffffffn;
  const hash = (text: string): bigint => {
    let h = 0x811c9dc5n;
    for (const character of text) h = ((h ^ BigInt(character.charCodeAt(0))) * 0x01000193n) & MASK;
    return h;
  };
  let [a, b, c, counter] = [hash(`a:${seed}`), hash(`b:${seed}`), hash(`c:${seed}`), 1n];
  const next = (): number => {
    const out = (a + b + counter++) & MASK;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & MASK;
    c = ((((c << 21n) | (c >> 11n)) & MASK) + out) & MASK;
    return Number(out);
  };
  for (let round = 0; round < 16; round++) next();
  return next;
}

describe("the seeded generator", () => {
  it("is sfc32: uniform() packs two outputs into 53 bits", () => {
    const [ours, theirs] = [seeded("bits"), reference("bits")];
    for (let i = 0; i < 2_000; i++) {
      const [high, low] = [theirs() >>> 5, theirs() >>> 6];
      expect(ours.uniform()).toBe((high * 2 ** 26 + low) / 2 ** 53);
    }
  });

  it("fills with the integers that Lemire's method keeps of the same outputs", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 21 }), fc.string({ maxLength: 5 }), (n, seed) => {
        const text = seed.replace(/[^ -~]/g, "");
        const into = new Uint32Array(50);
        seeded(text).fillBelow(into, n);
        const next = reference(text);
        const kept: number[] = [];
        while (kept.length < into.length) {
          const product = BigInt(next()) * BigInt(n);
          if ((product & 0xffffffffn) >= 2n ** 32n % BigInt(n)) kept.push(Number(product >> 32n));
        }
        expect([...into]).toEqual(kept);
      }),
      { numRuns: 200 },
    );
  });

  it.each([7, 1_000, 2 ** 21 + 1])("favours no integer below %i", (n) => {
    const into = new Uint32Array(140_000);
    seeded("fair").fillBelow(into, n);
    const bins = new Float64Array(7);
    for (const at of into) bins[Math.floor((at * 7) / n)]!++;
    const expected = [...bins].map((_, bin) => {
      const from = Math.ceil((bin * n) / 7);
      return (into.length * (Math.ceil(((bin + 1) * n) / 7) - from)) / n;
    });
    const statistic = [...bins].reduce((total, count, bin) => {
      const wanted = expected[bin] as number;
      return total + (count - wanted) ** 2 / wanted;
    }, 0);
    expect(chiSquareUpper(statistic, 6)).toBeGreaterThan(1e-4);
  });
});
