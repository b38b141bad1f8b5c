import fc from "fast-check";
import { expect, test } from "vitest";
import { eachLine } from "./each-line.ts";
import { realEffects, type Effects } from "./effects.ts";

test("however a file comes in pieces, its lines and their places are the same", async () => {
  const bytes = fc
    .uint8Array({ maxLength: 200 })
    .map((all) => all.map((byte) => (byte % 5 === 0 ? 10 : byte)));
  await fc.assert(
    fc.asyncProperty(bytes, fc.array(fc.nat(200), { maxLength: 8 }), async (file, cuts) => {
      const effects: Effects = {
        ...realEffects,
        stream: async function* () {
          let start = 0;
          for (const cut of [...cuts.sort((a, b) => a - b), file.length]) {
            const end = Math.min(cut, file.length);
            yield await Promise.resolve(file.slice(start, end));
            start = Math.max(start, end);
          }
        },
      };
      const lines: Buffer[] = [];
      const rest = await eachLine(
        "any",
        (line, offset) => {
          expect(file.subarray(offset, offset + line.length)).toEqual(new Uint8Array(line));
          lines.push(Buffer.from(line));
        },
        effects,
      );
      const text = Buffer.from(file).toString("latin1").split("\n");
      expect(lines.map((line) => line.toString("latin1"))).toEqual(text.slice(0, -1));
      expect(rest).toBe(text.at(-1)?.length);
    }),
    { numRuns: 200 },
  );
});
