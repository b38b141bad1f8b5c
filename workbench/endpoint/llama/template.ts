import { Template } from "@huggingface/jinja";
import { WorkbenchError } from "../../errors/error.ts";
import type { ChatMessage, ToolSpec } from "../client.ts";
import type { GgufHeader } from "./gguf.ts";

/** A piece of a prompt: where `control` is true, the text of a special token becomes that token. */
export interface PromptPiece {
  readonly text: string;
  readonly control: boolean;
}

/** Turns messages into the text a model was trained on. */
export interface ChatTemplate {
  readonly source: string;
  readonly render: (messages: readonly ChatMessage[], tools?: readonly ToolSpec[]) => string;
  /**
   * The same text in pieces, so that content stays data: a message that holds the text of a special
   * token (it could forge a turn) has that text encoded as ordinary characters. Any other prompt is
   * one piece, so its ids are those of the trainer.
   */
  readonly pieces: (messages: readonly ChatMessage[], tools?: readonly ToolSpec[]) => readonly PromptPiece[];
}

/** Control tokens in llama.cpp's numbering of token types. */
const CONTROL = 3;

/** The chat template in a GGUF's metadata, in Hugging Face's dialect. */
export function chatTemplate(header: GgufHeader, path: string): ChatTemplate {
  const source = header.metadata.get("tokenizer.chat_template");
  if (typeof source !== "string")
    throw new WorkbenchError({
      code: "WB_MODEL_INVALID",
      where: path,
      what: "the model has no chat template",
      why: "its metadata lacks tokenizer.chat_template, so a chat cannot be turned into its prompt",
      fix: "export it again with a base whose tokenizer_config.json has a chat_template",
    });
  const template = new Template(source);
  const constants = { bos_token: tokenText(header, "bos"), eos_token: tokenText(header, "eos") };
  const specials = controlTexts(header);
  const render = (messages: readonly ChatMessage[], tools?: readonly ToolSpec[]): string =>
    template.render({
      ...constants,
      messages: messages.map(asTemplateMessage),
      add_generation_prompt: true,
      ...(tools === undefined || tools.length === 0
        ? {}
        : { tools: tools.map((tool) => ({ type: "function", function: tool })) }),
    });
  return {
    source,
    render,
    pieces: (messages, tools) => split({ messages, specials, render: (masked) => render(masked, tools) }),
  };
}

interface Masked {
  readonly messages: readonly ChatMessage[];
  readonly specials: readonly string[];
  readonly render: (messages: readonly ChatMessage[]) => string;
}

/** Renders with stand-ins for forged tokens, then cuts the text at the stand-ins. */
function split({ messages, specials, render }: Masked): readonly PromptPiece[] {
  const forged = specials.filter((special) => messages.some(({ content }) => content.includes(special)));
  if (forged.length === 0) return [{ text: render(messages), control: true }];
  const mark = freeMark(messages);
  const masked = messages.map((message) => ({
    ...message,
    content: forged.reduce(
      (text, special, n) => text.replaceAll(special, `${mark}${n}${mark}`),
      message.content,
    ),
  }));
  return render(masked)
    .split(mark)
    .map((text, n) =>
      n % 2 === 0 ? { text, control: true } : { text: forged[Number(text)] ?? "", control: false },
    )
    .filter(({ text }) => text !== "");
}

/** A private-use mark that no message holds. */
function freeMark(messages: readonly ChatMessage[]): string {
  for (let length = 1; ; length++) {
    const mark = "\ue000" + "\ue001".repeat(length) + "\ue000";
    if (!messages.some(({ content }) => content.includes("\ue001".repeat(length)))) return mark;
  }
}

function asTemplateMessage({ role, content, toolCalls, toolCallId }: ChatMessage): Record<string, unknown> {
  return {
    role,
    content,
    ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
    ...(toolCalls === undefined
      ? {}
      : {
          tool_calls: toolCalls.map((call) => ({
            id: call.id,
            type: "function",
            function: { name: call.name, arguments: parsed(call.argumentsText) },
          })),
        }),
  };
}

/** Templates print arguments with `| tojson`: they want the value, not its text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function tokenText(header: GgufHeader, name: "bos" | "eos"): string {
  const id = header.metadata.get(`tokenizer.ggml.${name}_token_id`);
  const tokens = header.metadata.get("tokenizer.ggml.tokens");
  const text: unknown = Array.isArray(tokens) && typeof id === "number" ? tokens[id] : null;
  return typeof text === "string" ? text : "";
}

/** Longest first, so that a token that begins with another is found whole. */
function controlTexts(header: GgufHeader): readonly string[] {
  const tokens = header.metadata.get("tokenizer.ggml.tokens");
  const types = header.metadata.get("tokenizer.ggml.token_type");
  if (!Array.isArray(tokens) || !Array.isArray(types)) return [];
  return (tokens as unknown[])
    .filter((text, id): text is string => typeof text === "string" && text !== "" && types[id] === CONTROL)
    .sort((a, b) => b.length - a.length);
}
