import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { asideNumber, standInOf } from "../../schema/aside.ts";
import { fieldSorter } from "../fields.ts";
import type { JsonRecord } from "../parse.ts";
import { MapRefusal, asRead } from "./format.ts";
import type { Format } from "./format.ts";
import { Mapping, mappingFormat } from "./mapping.ts";
import { FORMATS } from "./registry.ts";

// A format that says it only moves texts must give the same rows when it has stand-ins in their place. Each text
// of each sample is made long, in front and behind, and so are all that equal it.

const folder = new URL("./samples/", import.meta.url);
const samples = readdirSync(folder).flatMap((file) =>
  readFileSync(new URL(file, folder), "utf8")
    .trim()
    .split("\n")
    .map((line, n) => {
      const record = JSON.parse(line) as JsonRecord;
      return { name: `${file}:${n + 1}`, record, format: FORMATS.find((known) => known.matches(record))! };
    }),
);
const OWN = Mapping.parse({
  schema: "workbench/mapping@1",
  name: "desk",
  conversation: "$.dialogue",
  message: { role: "$.speaker", content: "$.text" },
  roles: { agent: "assistant", customer: "user" },
  row: {
    source_id: "desk/{$.ticket}",
    task_completed: { path: "$.outcome", equals: "solved" },
    task_type: { path: "$.queue", map: { B: "billing" }, default: "other" },
    latency_ms: { path: ["$.ms", "$.seconds"], scale: 1000 },
    input_tokens: "$.tokens",
    hallucination_detected: { path: "$.score", at_least: 0 },
    context: { path: "$.docs", each: { id: "$.id", text: "$.body" } },
  },
  feedback: [{ kind: "rating", raw: "$.stars", comment: "$.remark" }],
  keep: ["$.debug"],
});
const desk = {
  name: "a mapping file",
  format: mappingFormat(OWN, "0"),
  record: {
    ticket: "T7",
    outcome: "solved",
    queue: "B",
    seconds: "1.5",
    tokens: " 61 ",
    score: "n/a",
    stars: 4,
    remark: "ok",
    debug: { a: "b" },
    docs: [{ id: "d1", body: "text" }],
    dialogue: [
      { speaker: "customer", text: "q" },
      { speaker: "agent", text: "a" },
    ],
  },
};

function changed(value: unknown, by: (text: string) => string): unknown {
  if (typeof value === "string") return by(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => changed(item, by));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, changed(member, by)]));
}

/** The record with stand-ins for its long texts, and those. */
function shortened(record: JsonRecord): { readonly record: JsonRecord; readonly texts: readonly string[] } {
  const texts: string[] = [];
  const short = changed(record, (text) =>
    Buffer.byteLength(text) >= 48 && /^[^\s[{"\\\-+.\d]/.test(text) && !/\s$/.test(text)
      ? standInOf(texts.push(text) - 1)
      : text,
  );
  return { record: short as JsonRecord, texts };
}

/** What a record becomes, as JSON; or that it is refused. */
function mapped(format: Format, given: JsonRecord): unknown {
  const { matches, map, fields } = format;
  const record = asRead(format, given);
  if (!matches(record)) return "another format";
  const sorter = fieldSorter(fields);
  try {
    const { interactions, feedback = [] } = map(record, sorter.note);
    const extra = sorter.extraOf(record);
    return JSON.parse(JSON.stringify({ interactions, feedback, extra, report: sorter.report() }));
  } catch (error) {
    if (error instanceof MapRefusal) return `refused: ${error.message}`;
    throw error;
  }
}

/** The result with the texts put back; null when one is missing or within another, as then the record is read whole. */
function putBack(result: unknown, texts: readonly string[]): unknown {
  const seen = new Set<number>();
  const whole = changed(result, (text) => {
    const n = asideNumber(text);
    if (n >= 0) seen.add(n);
    return texts[n] ?? text;
  });
  return typeof result !== "string" &&
    (seen.size < texts.length || /[\uE000\u007F]/.test(JSON.stringify(whole)))
    ? null
    : whole;
}

const textsOf = (record: JsonRecord): ReadonlySet<string> => {
  const found = new Set<string>();
  changed(record, (text) => (found.add(text), text));
  return found;
};
const LONG = [
  (text: string) => `${"a_long_word_in_front".repeat(4)}_${text}`,
  (text: string) => `${text}${".and_a_long_word_behind".repeat(4)}`,
];

const moved = [...samples, desk].filter(({ format }) => format.texts === "moved");

test.each(moved)(
  "$name: rows are the same whether long texts were set aside or not",
  ({ format, record }) => {
    let compared = 0;
    for (const text of textsOf(record))
      for (const long of LONG) {
        const full = changed(record, (one) => (one === text ? long(one) : one)) as JsonRecord;
        const { record: short, texts } = shortened(full);
        const back = putBack(mapped(format, short), texts);
        if (back === null) continue;
        expect(back, long(text)).toEqual(mapped(format, full));
        if (texts.length > 0) compared++;
      }
    expect(compared).toBeGreaterThan(textsOf(record).size / 2);
  },
);

test("what looks into texts says so: a mapping file with a long word, and formats that compare or join", () => {
  const word = "a word that is as long as a text that is set aside";
  const row = { task_completed: { path: "$.outcome", equals: word } };
  expect(mappingFormat({ ...OWN, row }, "0").texts).toBe("read");
  expect(mappingFormat({ ...OWN, roles: { [word]: "user" } }, "0").texts).toBe("read");
  expect(mappingFormat({ ...OWN, row: { agent: word } }, "0").texts).toBe("moved");
  const read = FORMATS.filter(({ texts }) => texts === "read").map(({ name }) => name);
  expect(read).toEqual(["litellm-spend-logs", "inspect-samples", "sharegpt", "alpaca"]);
});
