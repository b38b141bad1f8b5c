import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects, type Effects } from "../store/effects.ts";
import { chat } from "./chat.ts";
import { freezeItems } from "./items.ts";
import { exact } from "./scorers/exact.ts";
import type { DataSource, Item } from "./source.ts";
import { suite } from "./suite.ts";
import { tempProject } from "./testing/project.ts";

const ITEMS = 1500;
const CHARACTERS = 20_000;
const MB = 1 << 20;

/** A source of generated items that tells when each was taken from it. */
function items(item: (n: number) => Item<unknown, unknown>, taken: () => void = () => undefined) {
  return suite("many", {
    arms: { baseline: "a" },
    data: {
      kind: "data",
      from: "generated",
      open: async function* () {
        for (let n = 0; n < ITEMS; n++) {
          yield await Promise.resolve({ item: item(n) });
          taken();
        }
      },
    } satisfies DataSource<unknown, unknown>,
    task: chat({ user: () => "?" }),
    scorers: [exact()],
  });
}

const long = (n: number) => ({ input: `${n} `.padEnd(CHARACTERS, "x"), expected: n });

test("of 30 MB of items at most 3 are held while they are frozen, and 1 while they are asked", async () => {
  const project = await tempProject();
  let [given, spilled, read, ahead] = [0, 0, 0, 0];
  const effects: Effects = {
    ...realEffects,
    append: (path, data) => {
      if (path.includes("/tmp/items-")) spilled += data.length;
      return realEffects.append(path, data);
    },
    stream: async function* (path, range) {
      for await (const chunk of realEffects.stream(path, range)) {
        read += chunk.byteLength;
        yield chunk;
      }
    },
  };
  const most = { held: 0 };
  const many = items(long, () => {
    given += CHARACTERS;
    most.held = Math.max(most.held, given - spilled);
  });
  const frozen = await freezeItems(many, {}, { project, effects });
  expect(most.held).toBeGreaterThan(MB);
  expect(most.held).toBeLessThan(3 * MB);
  expect(await readdir(join(project.private, "tmp"))).toEqual([]);
  let asked = 0;
  for await (const { input } of frozen.all()) {
    asked += String(input).length;
    ahead = Math.max(ahead, read - asked);
  }
  expect(asked).toBe(ITEMS * CHARACTERS);
  expect(ahead).toBeLessThan(MB);
});

test("the same items in any order of the data are asked in the same order; a part is the beginning of the whole", async () => {
  const project = await tempProject();
  const at = { project, effects: realEffects };
  const small = (n: number) => ({ label: String(n), input: n % 1000, expected: null });
  const whole = await freezeItems(items(small), {}, at);
  expect(whole).toMatchObject({ total: ITEMS, count: ITEMS, duplicates: 500 });
  const other = await freezeItems(
    items((n) => small(ITEMS - 1 - n)),
    {},
    at,
  );
  const ids = async ({ all }: typeof whole): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const { id } of all()) found.push(id);
    return found;
  };
  expect(new Set(await ids(whole)).size).toBe(ITEMS);
  expect(await ids(other)).toEqual(await ids(whole));
  const part = await freezeItems(items(small), { limit: 7 }, at);
  expect(part).toMatchObject({ total: ITEMS, count: 7 });
  expect(await ids(part)).toEqual((await ids(whole)).slice(0, 7));
});

test("what a file of JSON would not give back is refused with its name, not changed in silence", async () => {
  const project = await tempProject();
  const dated = (n: number) => ({ input: { at: n === 3 ? new Date(0) : null }, expected: n });
  const frozen = await freezeItems(items(dated), {}, { project, effects: realEffects });
  expect(frozen.total).toBe(ITEMS - 1);
  expect(frozen.quarantined[0]?.reason).toMatch(/^input\.at is a Date/);
});
