import fc from "fast-check";
import { expect, test } from "vitest";
import { parseYaml } from "../../schema/yaml.ts";
import type { JsonRecord } from "../parse.ts";
import { draftMapping } from "./draft-mapping.ts";
import { Mapping, mappingFormat } from "./mapping.ts";

const formatOf = (lines: readonly string[]): ReturnType<typeof mappingFormat> =>
  mappingFormat(
    parseYaml(lines.join("\n"), Mapping, { file: "draft.yaml", code: "WB_MAPPING_INVALID" }).value,
    "0".repeat(64),
  );

test("questions and answers under names of one's own become rows without another word", () => {
  const record: JsonRecord = {
    ticket_id: "T-7",
    question: "Where is P42?",
    reply: "It left on Friday.",
    ts: "2026-11-20T10:00:00Z",
    model: "m",
    duration: 1.5,
    stars: 4,
    customer: "u_302",
  };
  const [row] = formatOf(draftMapping([record]) ?? []).map(record, () => undefined).interactions;
  expect(row).toMatchObject({
    conversation_id: "T-7",
    user_key: "u_302",
    started_at: "2026-11-20T10:00:00Z",
    model_served: "m",
    latency_ms: 1500,
    messages: [{ role: "user", content: "Where is P42?" }],
    output: [{ role: "assistant", content: "It left on Friday." }],
    feedback: [{ kind: "rating", raw: 4 }],
  });
});

test("a conversation under names of one's own: who speaks, what, and which speakers are known", () => {
  const record: JsonRecord = {
    dialogue: [
      { speaker: "customer", text: "Where is P42?" },
      { speaker: "agent", text: "It left on Friday." },
    ],
  };
  const [row] = formatOf(draftMapping([record]) ?? []).map(record, () => undefined).interactions;
  expect(row).toMatchObject({
    messages: [{ role: "user" }],
    output: [{ role: "assistant", content: "It left on Friday." }],
  });
});

test("under names that say nothing, the first prose asks and the second answers", () => {
  const record = { nr: 1, frage: "Where is order 1?", antwort: "On its way.", wann: "2026-03-01T08:00:00Z" };
  expect(draftMapping([record])?.slice(3)).toEqual([
    "  messages: [{ role: user, content: $.frage }]",
    "  output: [{ role: assistant, content: $.antwort }]",
  ]);
});

test("a draft is a mapping file whatever the log, and shows no value of it", () => {
  const name = fc.oneof(
    fc.constantFrom("question", "answer", "messages", "Text", "ts", "__proto__", "a: b", "x\n- y"),
    fc.string(),
  );
  const value = fc.oneof(
    fc.constant("SECRET"),
    fc.double(),
    fc.boolean(),
    fc.array(
      fc.dictionary(
        fc.constantFrom("role", "speaker", "text", "content"),
        fc.constantFrom("SECRET", "agent"),
      ),
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.dictionary(name, value), { minLength: 1, maxLength: 3 }), (sample) => {
      const lines = draftMapping(sample);
      if (lines === null) return;
      expect(lines.join("\n")).not.toContain("SECRET");
      expect(formatOf(lines).name).toBe("mapping:ours");
    }),
    { seed: 1 },
  );
  expect(draftMapping([{ colour: "red" }])).toBeNull();
});
