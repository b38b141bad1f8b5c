import fc from "fast-check";
import { expect, test } from "vitest";
import { bitWidth, packedLevels } from "./levels.ts";

/** The numbers again, as Encodings.md says they are read. */
function unpacked(bytes: Buffer, width: number, count: number): readonly number[] {
  const levels: number[] = [];
  let at = 0;
  const varint = (): number => {
    for (let [value, shift] = [0, 0]; ; shift += 7) {
      const byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const head = varint();
    if ((head & 1) === 0) {
      const level = bytes.readUIntLE(at, Math.ceil(width / 8));
      at += Math.ceil(width / 8);
      levels.push(...Array.from({ length: head >> 1 }, () => level));
    } else {
      const groups = bytes.subarray(at, (at += (head >> 1) * width));
      for (let n = 0; n < (head >> 1) * 8; n++) levels.push(bitsAt(groups, n * width, width));
    }
  }
  expect(levels.slice(count).every((level) => level === 0)).toBe(true);
  return levels.slice(0, count);
}

function bitsAt(bytes: Buffer, from: number, width: number): number {
  let value = 0;
  for (let bit = 0; bit < width; bit++)
    value |= ((bytes[(from + bit) >> 3]! >> ((from + bit) & 7)) & 1) << bit;
  return value;
}

const runs = (most: number): fc.Arbitrary<number[]> =>
  fc
    .array(fc.tuple(fc.nat(most), fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }))), {
      maxLength: 30,
    })
    .map((drawn) => drawn.flatMap(([level, times]) => Array.from({ length: times }, () => level)));

test.each([1, 2, 3, 7, 100, 8191])("numbers up to %d are read again, from any of them on", (most) => {
  const width = bitWidth(most);
  fc.assert(
    fc.property(runs(most), fc.nat(20), (levels, skipped) => {
      const from = Math.min(skipped, levels.length);
      const packed = packedLevels(Int32Array.from(levels), from, levels.length, width);
      expect(unpacked(packed, width, levels.length - from)).toEqual(levels.slice(from));
    }),
  );
});

// The example of Encodings.md: bit packing of 0 to 7 in three bits.
test("eight numbers of three bits are three bytes", () => {
  expect(packedLevels(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7), 0, 8, 3).toString("hex")).toBe("0388c6fa");
  expect(packedLevels(new Uint8Array(20_480), 0, 20_480, 1).toString("hex")).toBe("80c00200");
});
