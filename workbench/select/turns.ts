import type { ChatTurn } from "../schema/dataset.ts";
import type { Interaction, Message } from "../schema/interaction.ts";
import type { Refused } from "../stats/refused.ts";
import { isRefused, refused } from "../stats/refused.ts";

const ROLES: Readonly<Record<string, ChatTurn["role"]>> = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
  tool: "tool",
};

/** The chat as a training row holds it: what the model was asked, and what it answered. */
export interface Conversation {
  /** With the system turn first, when there is one. */
  readonly prompt: readonly ChatTurn[];
  readonly answer: ChatTurn;
}

/**
 * Turns a logged call into prompt and answer turns (the first choice answers). Refused, with the
 * name of the filter rule before the colon, when the call failed or was cut, when nobody asked,
 * when nothing was answered, or when a turn has a form that chat templates cannot render.
 */
export function conversationOf(row: Interaction): Conversation | Refused {
  if (row.status !== "ok") return refused(`status: the call ended as "${row.status}"`);
  const choice = row.output[0];
  if (!choice) return refused("no-answer: there is no output");
  if (choice.finish_reason === "length") return refused("cut: the answer stopped at the token limit");
  const turns = [...systemOf(row), ...row.messages.map(turnOf)];
  const bad = turns.find(isRefused);
  if (bad) return bad;
  const prompt = turns as readonly ChatTurn[];
  if (!prompt.some((turn) => turn.role === "user")) return refused("no-question: there is no user turn");
  if (prompt.at(-1)?.role === "assistant") return refused("no-question: the input ends with an answer");
  const answer = turnOf({ ...choice, role: "assistant" });
  if (isRefused(answer)) return answer;
  if (answer.content.trim() === "" && answer["tool_calls"] === undefined)
    return refused("no-answer: the output is empty");
  return { prompt, answer };
}

/** Loggers write the system prompt beside the messages, among them, or both. */
function systemOf(row: Interaction): readonly ChatTurn[] {
  if (row.system === null || row.messages.some((message) => ROLES[message.role] === "system")) return [];
  return [{ role: "system", content: row.system }];
}

function turnOf(message: Message): ChatTurn | Refused {
  const role = ROLES[message.role];
  if (role === undefined) return refused(`role: "${message.role}" is no chat role`);
  if (message.content === null && message.parts !== null)
    return refused("parts: a turn is not text (an image, audio or a file)");
  const calls = message.tool_calls.map((call) => ({
    name: call.name,
    arguments: argumentsOf(call.arguments),
  }));
  if (calls.some((call) => call.arguments === null))
    return refused("tool-arguments: the arguments of a tool call are no JSON object");
  return {
    role,
    content: message.content ?? "",
    ...(calls.length > 0 ? { tool_calls: calls.map((call) => ({ type: "function", function: call })) } : {}),
    ...(role === "tool" && message.name !== null ? { name: message.name } : {}),
  };
}

/** Training formats want an object (TRL's shape); logs often carry its text. */
function argumentsOf(value: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof value !== "string") return isObject(value) ? value : value === null ? {} : null;
  if (value.trim() === "") return {};
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
