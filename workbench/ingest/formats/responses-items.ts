import type { JsonRecord } from "../parse.ts";
import { toolCalls } from "./chat.ts";
import type { Note } from "./format.ts";
import { isRecord, jsonOf, listOf, lookUp, recordOf, textOf } from "./format.ts";
import type { MessageDraft } from "./message.ts";
import { contentOf, joined, roleOf } from "./message.ts";

// Items of OpenAI's Responses API (openai-python, types/responses/response_output_item.py and
// response_input_item_param.py): messages, thoughts, calls that the caller answers, calls that the server has run.

/** Calls that the caller answers, and the member that holds what is asked; the answer is an item `…_output`. */
const CALLS: Readonly<Record<string, string>> = {
  function_call: "arguments",
  custom_tool_call: "input",
  computer_call: "action",
  local_shell_call: "action",
  shell_call: "action",
  apply_patch_call: "operation",
};

/** Tools that the server has run itself: the members that hold what was asked and what came of it. */
const SERVED: Readonly<Record<string, readonly [asked: string, result: string]>> = {
  mcp_call: ["arguments", "output"],
  web_search_call: ["action", "sources"],
  file_search_call: ["queries", "results"],
  code_interpreter_call: ["code", "outputs"],
  image_generation_call: ["revised_prompt", "result"],
};

const isCall = ({ type }: JsonRecord): boolean => lookUp(CALLS, type) !== undefined;
const isServed = ({ type }: JsonRecord): boolean => lookUp(SERVED, type) !== undefined;
const isMessage = ({ type, role }: JsonRecord): boolean =>
  type === "message" || (type === undefined && role !== undefined);
const isAnswer = ({ type, output }: JsonRecord): boolean =>
  output !== undefined && typeof type === "string" && /^[a-z_]{1,32}_call_output$/.test(type);

/** What an item of the input says: a text is one of the user, and the model's items in a row are one turn of its. */
export function inputOf(value: unknown, note: Note): MessageDraft[] {
  if (typeof value === "string") return [{ role: "user", content: value }];
  const turns: MessageDraft[] = [];
  let own: JsonRecord[] = [];
  const close = (): void => {
    if (own.length > 0) turns.push(turnOf(own, note, "input[]"));
    own = [];
  };
  for (const item of listOf(value).map(recordOf)) {
    if (isAnswer(item)) {
      close();
      turns.push(answerOf(item, note));
    } else if (item["type"] === "mcp_approval_response") {
      close();
      turns.push({ role: "user", parts: item });
    } else if (isMessage(item) && roleOf(item["role"]) !== "assistant") {
      close();
      turns.push({ role: roleOf(item["role"]), ...contentOf(item["content"], note) });
    } else if (isMessage(item) || typeof item["type"] === "string") own.push(item);
    else roleOf(item["role"]);
  }
  close();
  return turns;
}

function answerOf(item: JsonRecord, note: Note): MessageDraft {
  const output = item["output"];
  return {
    role: "tool",
    ...(isRecord(output) ? { content: JSON.stringify(output), parts: output } : contentOf(output, note)),
    tool_call_id: textOf(item["call_id"]) ?? textOf(item["id"]),
  };
}

/** Items of the model as one turn of the assistant. `parts` holds them when columns do not say all of them. */
export function turnOf(items: readonly JsonRecord[], note: Note, path: "input[]" | "output[]"): MessageDraft {
  // Only of the output there is a column for what the model thought.
  const isLost = ({ content }: JsonRecord): boolean => path === "input[]" && listOf(content).length > 0;
  const isOther = (item: JsonRecord): boolean =>
    item["type"] === "reasoning" ? isLost(item) : !isMessage(item) && !isCall(item);
  const isPicture = (part: unknown): boolean => !TEXTS.has(recordOf(part)["type"]);
  const messages = items.filter(isMessage);
  const hasOther = items.some(isOther);
  if (hasOther) note(`${path}.type`, "an item that is neither message nor call, kept in parts");
  return {
    role: "assistant",
    content: joined(messages.map(({ content }) => contentOf(content, note).content)),
    parts: hasOther || messages.some(({ content }) => listOf(content).some(isPicture)) ? items : null,
    tool_calls: items.filter(isCall).flatMap((item) => callsOf(item, note)),
  };
}
const TEXTS = new Set<unknown>(["output_text", "input_text", "text", "refusal"]);

function callsOf(item: JsonRecord, note: Note): readonly MessageDraft[] {
  const id = item["call_id"] ?? item["id"];
  const asked = item[lookUp(CALLS, item["type"]) ?? ""];
  if (item["type"] === "function_call")
    return toolCalls([{ id, name: item["name"], arguments: asked }], note);
  // What a custom tool gets is any text; the others have no name but their kind.
  return toolCalls([{ id, custom: { name: item["name"] ?? item["type"], input: asked } }], note);
}

/** Tools that were used: those that the server ran, with what came of it, and the calls that wait for an answer. */
export function servedTools(items: readonly JsonRecord[], note: Note): readonly MessageDraft[] {
  if (!items.some(isServed)) return [];
  return items.flatMap((item) => {
    if (isCall(item))
      return callsOf(item, note).map(({ name, arguments: given }) => ({ name, arguments: given }));
    const served = lookUp(SERVED, item["type"]);
    if (served === undefined) return [];
    const [asked, result] = served;
    const failed = item["status"] === "failed" || (item["error"] ?? null) !== null;
    return [
      {
        name: textOf(item["name"]) ?? item["type"],
        arguments:
          item["type"] === "mcp_call" ? jsonOf(item[asked], "output[].arguments", note) : item[asked],
        result: item[result] ?? null,
        success: failed ? false : item["status"] === "completed" ? true : null,
      },
    ];
  });
}

/** What the model thought: whole, where the server gives it, else its summary. */
export function reasoningOf(items: readonly JsonRecord[]): string | null {
  const texts = (value: unknown): string | null =>
    joined(listOf(value).map((part) => textOf(recordOf(part)["text"])));
  return joined(
    items
      .filter(({ type }) => type === "reasoning")
      .map(({ content, summary }) => texts(content) ?? texts(summary)),
  );
}
