import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { fieldSorter } from "../fields.ts";
import { finishFeedback, finishInteraction } from "../finish.ts";
import type { FeedbackEvent, Interaction } from "../../schema/interaction.ts";
import type { JsonRecord } from "../parse.ts";
import { detect } from "../detect.ts";
import { asRead } from "./format.ts";
import type { Format } from "./format.ts";
import { FORMATS } from "./registry.ts";

const folder = new URL("./samples/", import.meta.url);
const samples = readdirSync(folder).flatMap((file) =>
  readFileSync(new URL(file, folder), "utf8")
    .trim()
    .split("\n")
    .map((line) => ({ file, record: JSON.parse(line) as JsonRecord })),
);

function importedBy(
  format: Format,
  given: JsonRecord,
): {
  rows: Interaction[];
  feedback: FeedbackEvent[];
  notes: readonly { path: string; what: string }[];
} {
  const record = asRead(format, given);
  const sorter = fieldSorter(format.fields);
  const finishing = { format: format.name, key: Buffer.alloc(32, 1), note: sorter.note, rowKey: "row" };
  const mapped = format.map(record, sorter.note);
  const extra = sorter.extraOf(record);
  return {
    rows: mapped.interactions.map((draft) => finishInteraction(draft, extra, finishing)),
    feedback: (mapped.feedback ?? []).map((draft) => finishFeedback(draft, extra, finishing)),
    notes: sorter.report(),
  };
}

test("every sample is recognised by exactly one format", () => {
  for (const { file, record } of samples)
    expect(
      FORMATS.filter((format) => format.matches(record)).map(({ name }) => name),
      file,
    ).toHaveLength(1);
  expect(samples.length).toBe(65);
});

// What stands where, read off the formats' documentation by hand: format, question, answer or tool, tokens in and out.
const EXPECTED: Record<
  string,
  readonly [string, string | null, string | null, number | null, number | null]
> = {
  "axolotl-chat-template.jsonl": ["chat-rows", "Hi", "Hello!", null, null],
  "braintrust-log.jsonl": ["braintrust", "Where is parcel P42?", "It left on Friday.", 61, 17],
  "helicone-request.jsonl": ["helicone", "Where is parcel P42?", "It left on Friday.", 61, 17],
  "inspect-eval-log-sample.jsonl": ["inspect-samples", "Where is parcel P42?", "It left on Friday.", 61, 17],
  "langfuse-observations-v2.jsonl": ["langfuse", "Where is parcel P42?", "It left on Friday.", 61, 17],
  "langsmith-run.jsonl": ["langsmith", "Where is parcel P42?", "It left on Friday.", 61, 17],
  "litellm-standard-logging.jsonl": ["litellm", "Where is parcel P42?", "It left on Friday.", 61, 17],
  "llamafactory-alpaca.jsonl": ["alpaca", "Say hi", "Hello!", null, null],
  "llamafactory-sharegpt-dpo.jsonl": ["sharegpt", "Hi", "Hello!", null, null],
  "ollama-chat.jsonl": ["ollama-chat", "Hi", "Hello!", 12, 4],
  "openai-chat.jsonl": ["openai-chat", "Where is parcel P42?", "find_parcel", 61, 17],
  "openai-finetune-dpo.jsonl": ["preferences", "Hi", "Hello! How can I help?", null, null],
  "openai-finetune-sft.jsonl": ["chat-rows", "Hi", "Hello!", null, null],
  "openai-responses.jsonl": ["openai-responses", "Where is parcel P42?", "Checking now.", 61, 21],
  "openinference-phoenix-span.jsonl": ["openinference", "Where is parcel P42?", "find_parcel", 61, 17],
  "otel-genai-otlp-event.jsonl": ["otel-events", null, "It left on Friday.", 61, 17],
  "otel-genai-otlp-span.jsonl": ["otel-spans", "Where is parcel P42?", "It left on Friday.", 61, 17],
  "sharegpt.jsonl": ["sharegpt", "Where is parcel P42?", "It left on Friday.", null, null],
  "trl-preference.jsonl": ["preferences", "Hi", "Hello!", null, null],
  "trl-prompt-completion.jsonl": ["prompt-completion", "Hi", "Hello!", null, null],
  "trl-sft-tools.jsonl": ["chat-rows", "Turn on the light", "Done!", null, null],
  "trl-unpaired-kto.jsonl": ["prompt-completion", "Hi", "Hello!", null, null],
};

test("question, answer and token counts stand where they belong, in every format", () => {
  for (const { file, record } of samples) {
    const wanted = EXPECTED[file];
    if (!wanted) continue;
    const [name, question, answer, input, output] = wanted;
    const format = FORMATS.find((known) => known.name === name)!;
    const [row] = importedBy(format, record).rows;
    expect(
      [
        row?.messages[0]?.content ?? null,
        row?.output[0]?.content ?? row?.output[0]?.tool_calls[0]?.name ?? null,
        row?.input_tokens,
        row?.output_tokens,
      ],
      file,
    ).toEqual([question, answer, input, output]);
  }
});

/** Leaves of a record that are text or a number, by path. */
function leaves(value: unknown, path = ""): [string, string | number][] {
  if (typeof value === "string" || typeof value === "number") return value === "" ? [] : [[path, value]];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, member]) =>
    leaves(member, Array.isArray(value) ? `${path}[]` : path === "" ? key : `${path}.${key}`),
  );
}

// Values that the row holds in another unit or form: times, durations, texts that hold JSON.
const CONVERTED =
  /time|created|_at$|At$|timestamp|latency|duration|_ms$|delay|costUSD|cost$|start$|end$|object$|schema$|span\.kind$|span_kind|run_type|\.type$|^type$|data_type|call_type|source$|status|provider|user|safety_identifier|author|finish_reason|total|tokens$|method|index$|role|from$|weight|^name$|kind$|key$|level$/i;

test("nothing of a record is lost in silence: each value is in the row, in extra, or declared as dropped", () => {
  for (const { file, record } of samples) {
    const format = FORMATS.find((known) => known.matches(record))!;
    const { rows, feedback } = importedBy(format, record);
    const held = JSON.stringify([rows, feedback]).replaceAll("\\", "");
    for (const [path, value] of leaves(record)) {
      const dropped = Object.entries(format.fields).some(
        ([declared, verdict]) =>
          verdict.startsWith("dropped") && (path === declared || path.startsWith(`${declared}.`)),
      );
      if (dropped || CONVERTED.test(path)) continue;
      const shown = String(value).replaceAll("\\", "");
      const inner = /^[[{]/.test(shown);
      expect(inner || held.includes(shown), `${file}: ${path} = ${shown}`).toBe(true);
    }
  }
});

test("a member that no format declares is kept in extra and reported", () => {
  for (const { file, record } of samples) {
    const format = FORMATS.find((known) => known.matches({ ...record, surprise: { deep: [1] } }));
    if (!format || format.name === "chat-rows") continue;
    const { rows, notes } = importedBy(format, { ...record, surprise: { deep: [1] } });
    for (const row of rows)
      expect((row.extra as Record<string, unknown>)["surprise"], file).toEqual({ deep: [1] });
    expect(notes, file).toContainEqual(
      expect.objectContaining({ path: "surprise", what: "not declared, kept in extra" }),
    );
  }
});

test("detection takes a format at 95 %, asks below, and asks when another exceeds 5 %", () => {
  const of = (file: string): JsonRecord => samples.find((sample) => sample.file === file)!.record;
  const [chat, fuse] = [of("openai-chat.jsonl"), of("langfuse-observations-v2.jsonl")];
  const sample = (share: number, other: JsonRecord): JsonRecord[] =>
    Array.from({ length: 100 }, (_, n) => (n < share ? chat : other));
  expect(detect(sample(95, { a: 1 }), FORMATS, "x")).toMatchObject({
    format: { name: "openai-chat" },
    confidence: 0.95,
  });
  expect(() => detect(sample(94, { a: 1 }), FORMATS, "x")).toThrow(/94 %/);
  expect(() => detect(sample(94, fuse), FORMATS, "x")).toThrow(/openai-chat 94 %, langfuse 6 %/);
  expect(detect(sample(95, fuse), FORMATS, "x").format.name).toBe("openai-chat");
});

test("an answer of an API that was saved as it came: what its list holds, and how to get at it", () => {
  const data = samples
    .filter(({ file }) => file === "langfuse-api-observations.jsonl")
    .map(({ record }) => record);
  const refused = (record: JsonRecord): unknown => {
    try {
      return detect([record], FORMATS, "x");
    } catch (error) {
      return error;
    }
  };
  expect(refused({ data, meta: { page: 1, totalItems: 2 } })).toMatchObject({
    code: "WB_FORMAT_UNKNOWN",
    fix: expect.stringContaining("langfuse records: jq -c '.data[]' <file> | workbench ingest -"),
  });
  expect(refused({ data: [{ a: 1 }] })).toMatchObject({ fix: expect.stringContaining("mapping file") });
});

test("an unknown role is a refusal, and OTLP events carry their evaluation as feedback", () => {
  const sharegpt = FORMATS.find(({ name }) => name === "sharegpt")!;
  expect(() => sharegpt.map({ conversations: [{ from: "wizard", value: "x" }] }, () => undefined)).toThrow(
    /role/,
  );
  const event = samples.find(({ file }) => file === "otel-genai-otlp-event.jsonl")!;
  const { feedback } = importedBy(
    FORMATS.find(({ name }) => name === "otel-events")!,
    event.record,
  );
  expect(feedback[0]).toMatchObject({
    value: 0.9,
    label: "Relevance",
    explicit: false,
    target: { source_id: "chatcmpl-77b" },
  });
});
