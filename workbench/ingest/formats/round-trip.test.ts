import { readFileSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { userKey } from "../../redact/pseudonym.ts";
import type { Interaction } from "../../schema/interaction.ts";
import { detect } from "../detect.ts";
import { fieldSorter } from "../fields.ts";
import { finishFeedback, finishInteraction } from "../finish.ts";
import type { JsonRecord } from "../parse.ts";
import { instant } from "../time.ts";
import { MapRefusal, asRead } from "./format.ts";
import type { Format } from "./format.ts";
import { FORMATS } from "./registry.ts";

// Every value of every sample is replaced, one at a time, by another of its kind. What comes out must hold
// the new value, in the source's unit or in the row's, unless the record is refused or the format declares
// the path as dropped: so each mapped path can be read back from the canonical row.

const KEY = Buffer.alloc(32, 1);
const folder = new URL("./samples/", import.meta.url);
const samples = readdirSync(folder).flatMap((file) =>
  readFileSync(new URL(file, folder), "utf8")
    .trim()
    .split("\n")
    .map((line, n) => ({ name: `${file}:${n + 1}`, record: JSON.parse(line) as JsonRecord })),
);

/** What only says how the rest is to be read: names of attributes and kinds of parts. */
const STRUCTURE = /\.key$|stringValue\[\]\.type$/;

type Step = string | number;
type Leaf = readonly [path: readonly Step[], value: string | number];

/** Texts and numbers of a record; a text that is JSON is looked into. */
function leaves(value: unknown, path: readonly Step[] = []): Leaf[] {
  if (typeof value === "string" && /^[[{]/.test(value)) {
    try {
      return leaves(JSON.parse(value), [...path, "(json)"]);
    } catch {
      return [[path, value]];
    }
  }
  if (typeof value === "string" || typeof value === "number") return value === "" ? [] : [[path, value]];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, member]) =>
    leaves(member, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function replaced(value: unknown, [step, ...rest]: readonly Step[], by: unknown): unknown {
  if (step === undefined) return by;
  if (step === "(json)") return JSON.stringify(replaced(JSON.parse(String(value)), rest, by));
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    Step,
    unknown
  >;
  copy[step] = replaced(copy[step], rest, by);
  return copy;
}

/** Another value of the same kind: a time for a time, digits for digits, else any text. */
function another(value: string | number, text: string, number: number): string | number {
  if (typeof value === "number")
    return value > 1e9 ? value + number : Number.isInteger(value) ? value + number : value + number / 1024;
  if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(value))
    return value.replace(/^\d{4}/, String(2000 + (number % 20)));
  if (/^-?\d+(\.\d+)?$/.test(value))
    return `${value.slice(0, -1)}${(Number(value.at(-1)) + 1 + (number % 9)) % 10}`;
  return `${text}~${number}`;
}

/** The forms that a value may take in a row: as it is, a user's pseudonym, another unit of time or of score. */
function forms(value: string | number): ReadonlySet<unknown> {
  const n = Number(value);
  const units = Number.isFinite(n) && value !== "" ? [n, n * 1000, n / 1e6, String(value)] : [];
  return new Set<unknown>([value, userKey(String(value), KEY), instant(value)?.text, ...units]);
}

function imported(format: Format, given: JsonRecord): readonly unknown[] | "refused" {
  const record = asRead(format, given);
  const sorter = fieldSorter(format.fields);
  const finishing = { format: format.name, key: KEY, note: sorter.note, rowKey: "row" };
  if (!format.matches(record)) return "refused";
  try {
    const { interactions, feedback = [] } = format.map(record, sorter.note);
    const extra = sorter.extraOf(record);
    return [
      ...interactions.map((draft) => finishInteraction(draft, extra, finishing)),
      ...feedback.map((draft) => finishFeedback(draft, extra, finishing)),
    ];
  } catch (error) {
    if (error instanceof MapRefusal) return "refused";
    throw error;
  }
}

const pathText = (path: readonly Step[]): string =>
  path
    .filter((step) => step !== "(json)")
    .map((step, n) => (typeof step === "number" ? "[]" : n === 0 ? step : `.${step}`))
    .join("");

function isDropped({ fields }: Format, path: string): boolean {
  return Object.entries(fields).some(
    ([declared, verdict]) =>
      verdict.startsWith("dropped") &&
      (path === declared || path.startsWith(`${declared}.`) || path.startsWith(`${declared}[`)),
  );
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const held = (value: unknown): unknown[] =>
  value !== null && typeof value === "object"
    ? Object.entries(value).flatMap(([key, member]) => [key, ...held(member)])
    : [value];

test.each(samples)(
  "$name: every value can be read back from the row, or is refused, or declared as dropped",
  ({ record }) => {
    const format = FORMATS.find((known) => known.matches(record))!;
    const all = leaves(record);
    fc.assert(
      fc.property(
        fc.nat({ max: all.length - 1 }),
        fc.stringMatching(/^[a-z é"\\]{1,12}$/),
        fc.integer({ min: 1, max: 900 }),
        (n, text, number) => {
          const [path, value] = all[n]!;
          if (isDropped(format, pathText(path)) || STRUCTURE.test(pathText(path))) return;
          const next = another(value, text, number);
          const rows = imported(format, replaced(record, path, next) as JsonRecord);
          if (rows === "refused") return;
          const wanted = forms(next);
          const inside = held(rows).flatMap((at) =>
            typeof at === "string" && /^[[{]/.test(at) ? [at, ...held(parsed(at))] : [at],
          );
          const isThere = inside.some(
            (at) =>
              wanted.has(at) ||
              (typeof at === "number" &&
                typeof next === "number" &&
                [...wanted].some(
                  (form) => typeof form === "number" && Math.abs(form - at) <= Math.abs(form) * 1e-9,
                )),
          );
          expect(isThere, `${pathText(path)}: ${String(value)} → ${String(next)}`).toBe(true);
        },
      ),
      { numRuns: all.length * 6, seed: 1 },
    );
  },
);

test("of any two formats mixed in a file the user is asked, whichever they are", () => {
  const one = new Map(
    samples.map(({ record }) => [FORMATS.find((known) => known.matches(record))!.name, record]),
  );
  fc.assert(
    fc.property(
      fc.subarray([...one.values()], { minLength: 2, maxLength: 2 }),
      fc.integer({ min: 6, max: 94 }),
      ([a, b], n) => {
        const mixed = Array.from({ length: 100 }, (_, line) => (line < n ? a! : b!));
        expect(() => detect(mixed, FORMATS, "x")).toThrow(/the format is not clear/);
      },
    ),
  );
});

const rowOf = (name: string, record: JsonRecord): Interaction => {
  const rows = imported(
    FORMATS.find((known) => known.name === name)!,
    record,
  );
  expect(rows, name).not.toBe("refused");
  return rows[0] as Interaction;
};

test("runs of a LangSmith bulk export have their JSON as text, custom tools any text, Alpaca rows preferences", () => {
  const run = samples.find(({ name }) => name.startsWith("langsmith-run.jsonl"))!.record;
  const asText = {
    ...run,
    ...Object.fromEntries(
      ["inputs", "outputs", "extra", "feedback_stats"].map((name) => [name, JSON.stringify(run[name])]),
    ),
  };
  const [plain, text] = [rowOf("langsmith", run), rowOf("langsmith", asText)];
  expect(text).toEqual(plain);
  const call = { id: "c1", type: "custom", custom: { name: "sql", input: "select 1" } };
  const chat = {
    messages: [
      { role: "user", content: "?" },
      { role: "assistant", tool_calls: [call] },
    ],
  };
  expect(rowOf("chat-rows", chat).output[0]?.tool_calls).toEqual([
    { id: "c1", name: "sql", arguments: "select 1" },
  ]);
  const pair = rowOf("preferences", {
    instruction: "Say hi",
    input: "to Ann",
    chosen: "Hi Ann!",
    rejected: "No.",
  });
  expect([pair.messages[0]?.content, pair.output[0]?.content, pair.feedback[0]?.raw]).toEqual([
    "Say hi\nto Ann",
    "Hi Ann!",
    "No.",
  ]);
});
