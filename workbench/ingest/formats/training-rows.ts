import type { JsonRecord } from "../parse.ts";
import { chatMessages, splitConversation } from "./chat.ts";
import type { MessageDraft } from "./message.ts";
import { chatPaths } from "./declared.ts";
import type { Format, InteractionDraft, Note } from "./format.ts";
import { MapRefusal, has, isRecord, jsonOf, listOf, recordOf, textOf } from "./format.ts";

/** Rows of other people's training files are interactions of origin "external". */
const external = (draft: InteractionDraft): { interactions: readonly InteractionDraft[] } => ({
  interactions: [{ ...draft, tags: ["external"] }],
});

const tools = (value: unknown, note: Note): unknown => {
  const parsed = jsonOf(value, "tools", note);
  return listOf(parsed).length > 0 ? parsed : null;
};

const turns = (value: unknown, role: "user" | "assistant", note: Note): readonly MessageDraft[] =>
  typeof value === "string"
    ? [{ role, content: value }]
    : chatMessages(isRecord(value) ? [value] : value, note);

/** LLaMA-Factory puts the input below the instruction. */
function asked({ instruction, input }: JsonRecord): string {
  const below = textOf(input);
  if (typeof instruction !== "string") throw new MapRefusal("wrong_shape", "an instruction that is not text");
  return below === null ? instruction : `${instruction}\n${below}`;
}

/** Alpaca: an instruction, perhaps an input, an output. */
export const alpaca: Format = {
  name: "alpaca",
  version: 2,
  matches: (record) =>
    typeof record["instruction"] === "string" &&
    typeof record["output"] === "string" &&
    !has(record, "messages", "conversations"),
  map: (record) => {
    const earlier = listOf(record["history"]).flatMap((pair) => [
      { role: "user", content: textOf(listOf(pair)[0]) },
      { role: "assistant", content: textOf(listOf(pair)[1]) },
    ]);
    return external({
      system: textOf(record["system"]),
      messages: [...earlier, { role: "user", content: asked(record) }],
      output: [{ role: "assistant", content: textOf(record["output"]) }],
    });
  },
  fields: { instruction: "mapped", input: "mapped", output: "mapped", system: "mapped", history: "mapped" },
};

/** Chat rows of TRL, OpenAI fine-tuning and Axolotl: `messages` and little else. */
export const chatRows: Format = {
  name: "chat-rows",
  version: 3,
  matches: (record) =>
    Array.isArray(record["messages"]) && Object.keys(record).every((name) => CHAT_ROW.has(name)),
  map: (record, note) =>
    external({
      ...splitConversation(chatMessages(record["messages"], note)),
      tools: tools(record["tools"], note),
    }),
  fields: {
    ...chatPaths("messages[]"),
    "messages[].weight": "extra",
    tools: "mapped",
    parallel_tool_calls: "extra",
    id: "extra",
  },
};
const CHAT_ROW = new Set(["messages", "tools", "parallel_tool_calls", "id", "functions"]);

/** Prompt and completion, with `label` when unpaired (KTO): the label is a thumb. */
export const promptCompletion: Format = {
  name: "prompt-completion",
  version: 3,
  matches: (record) => has(record, "prompt", "completion") && !has(record, "chosen"),
  map: (record, note) =>
    external({
      messages: turns(record["prompt"], "user", note),
      output: turns(record["completion"], "assistant", note),
      feedback: typeof record["label"] === "boolean" ? [{ kind: "thumb", raw: record["label"] }] : [],
    }),
  fields: { prompt: "mapped", completion: "mapped", label: "mapped" },
};

/**
 * Preferences of TRL, of OpenAI's fine-tuning and of LLaMA-Factory's Alpaca rows: the chosen answer is the
 * output, the other its preference signal.
 */
export const preferences: Format = {
  name: "preferences",
  version: 3,
  matches: (record) =>
    has(record, "prompt", "chosen", "rejected") ||
    has(record, "instruction", "chosen", "rejected") ||
    has(record, "input", "preferred_output", "non_preferred_output"),
  map: (record, note) => {
    const input = recordOf(record["input"]);
    const given: JsonRecord = has(record, "chosen")
      ? { prompt: record["prompt"] ?? asked(record), chosen: record["chosen"], rejected: record["rejected"] }
      : {
          prompt: input["messages"],
          chosen: record["preferred_output"],
          rejected: record["non_preferred_output"],
        };
    const [rejected] = turns(given["rejected"], "assistant", note);
    return external({
      system: textOf(record["system"]),
      messages: turns(given["prompt"], "user", note),
      output: turns(given["chosen"], "assistant", note),
      tools: tools(input["tools"], note),
      feedback: [
        {
          kind: "preference",
          value: 1,
          raw: rejected?.["content"] ?? given["rejected"],
          reason: "chosen over raw",
        },
      ],
    });
  },
  fields: {
    prompt: "mapped",
    instruction: "mapped",
    input: "mapped",
    system: "mapped",
    chosen: "mapped",
    rejected: "mapped",
    "input.messages": "mapped",
    "input.tools": "mapped",
    "input.parallel_tool_calls": "extra",
    preferred_output: "mapped",
    non_preferred_output: "mapped",
  },
};
