import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { FieldSorter } from "../fields.ts";
import { fieldSorter } from "../fields.ts";
import { finishFeedback, finishInteraction } from "../finish.ts";
import type { JsonRecord } from "../parse.ts";
import { MapRefusal, asRead } from "./format.ts";
import type { Format } from "./format.ts";
import { FORMATS } from "./registry.ts";
import { samplesOf } from "./testing/read.ts";

// A log may hold anything anywhere: whatever stands in the place of a value, a record becomes rows or is refused.

const ODD: readonly unknown[] = [
  null,
  true,
  -1,
  "",
  "constructor",
  "__proto__",
  [],
  [[null, 1, "x"]],
  {},
  JSON.parse('{"toString":1,"valueOf":null,"__proto__":{"length":-1}}'),
];

/** The record once for each of its values, with `odd` in its place. */
function* spoilt(value: unknown, odd: unknown): Generator {
  if (value === null || typeof value !== "object") return;
  for (const [key, member] of Object.entries(value)) {
    const copy = (by: unknown): unknown =>
      Array.isArray(value)
        ? value.map((item: unknown, n) => (String(n) === key ? by : item))
        : { ...value, [key]: by };
    yield copy(odd);
    for (const inner of spoilt(member, odd)) yield copy(inner);
  }
}

function tellRows(format: Format, given: JsonRecord, { extraOf, note }: FieldSorter): void {
  const record = asRead(format, given);
  if (!format.matches(record)) return;
  const finishing = { format: format.name, key: Buffer.alloc(32, 1), note, rowKey: "row" };
  try {
    const { interactions, feedback = [] } = format.map(record, note);
    const extra = extraOf(record);
    for (const draft of interactions) finishInteraction(draft, extra, finishing);
    for (const draft of feedback) finishFeedback(draft, extra, finishing);
  } catch (error) {
    if (!(error instanceof MapRefusal)) throw error;
  }
}

test.each(readdirSync(new URL("./samples/", import.meta.url)))(
  "%s: any value in any place is mapped or refused",
  (file) => {
    let told = 0;
    for (const record of samplesOf(file)) {
      const format = FORMATS.find(({ matches }) => matches(record))!;
      const sorter = fieldSorter(format.fields);
      for (const odd of ODD)
        for (const other of spoilt(record, odd)) {
          tellRows(format, other as JsonRecord, sorter);
          told++;
        }
    }
    expect(told).toBeGreaterThan(ODD.length);
  },
);
