import { z } from "zod";
import type { ChatMessage, ChatRequest, ToolSpec } from "../endpoint/client.ts";
import { digestible } from "./scorers/define.ts";
import type { ExpectedOf, InputOf } from "./source.ts";
import type { Sample, Task } from "./types.ts";

type Text<I, E> = string | ((sample: Sample<I, E>) => string);

export interface ChatTask<I, E> {
  readonly system?: Text<I, E>;
  /** The user's turn; or give all turns as `messages`. */
  readonly user?: Text<I, E>;
  readonly messages?: (sample: Sample<I, E>) => readonly ChatMessage[];
  readonly tools?: readonly ToolSpec[];
  readonly maxTokens?: number;
  /** Default 0: greedy, so that the answer is a function of model and prompt. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly json?: boolean;
  /** Ask for JSON of this shape; a scorer says whether it came. */
  readonly schema?: z.ZodType | object;
  readonly contextTokens?: number;
}

/**
 * The usual task: one request, one answer. A prompt is a function of the sample, not a template. Named
 * with its row's type, `chat<Ticket>({…})`, the compiler checks what the prompt reads.
 * Worked value: `chat({user: (s) => s.input.text})` asks with the sample's text and takes the reply as the answer.
 */
export function chat<Row = unknown>(
  plan: ChatTask<InputOf<Row>, ExpectedOf<Row>>,
): Task<InputOf<Row>, ExpectedOf<Row>> {
  return chatTask(plan);
}

function chatTask<I, E>(plan: ChatTask<I, E>): Task<I, E> {
  const { system, user, messages, schema, ...rest } = plan;
  const parameters = { ...rest, ...(schema === undefined ? {} : { jsonSchema: shapeOf(schema) }) };
  const say = (text: Text<I, E>, sample: Sample<I, E>): string =>
    typeof text === "string" ? text : text(sample);
  const task = async (sample: Sample<I, E>, call: Parameters<Task<I, E>>[1]) => {
    const request: Omit<ChatRequest, "model"> = {
      temperature: 0,
      ...parameters,
      messages: [
        ...(system === undefined ? [] : [{ role: "system" as const, content: say(system, sample) }]),
        ...(messages?.(sample) ?? []),
        ...(user === undefined ? [] : [{ role: "user" as const, content: say(user, sample) }]),
      ],
    };
    const { text, toolCalls, finishReason } = await call(request);
    return { text, toolCalls, finishReason };
  };
  return Object.assign(task, {
    plan: digestible({ chat: 1, temperature: 0, system, user, messages, ...parameters }),
  });
}

function shapeOf(schema: z.ZodType | object): object {
  return schema instanceof z.ZodType ? z.toJSONSchema(schema, { target: "draft-7" }) : schema;
}
