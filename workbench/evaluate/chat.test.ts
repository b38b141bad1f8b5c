import { expect, test } from "vitest";
import { z } from "zod";
import { chatClient } from "../endpoint/chat-client.ts";
import { OLLAMA } from "../endpoint/ollama.ts";
import { OPENAI } from "../endpoint/openai.ts";
import { faultServer } from "../endpoint/testing/fault-server.ts";
import { openTransport } from "../endpoint/transport.ts";
import { realEffects } from "../store/effects.ts";
import { chat, type ChatTask } from "./chat.ts";
import type { Sample } from "./types.ts";

const sample: Sample<{ text: string }, string> = {
  id: "0",
  label: "1",
  input: { text: "hi" },
  expected: "",
  metadata: {},
};

/** What a task sends, as the endpoint sees it. */
async function sent(plan: ChatTask<{ text: string }, string>, protocol: "openai" | "ollama") {
  const server = await faultServer();
  const url = `${server.origin}/ok${protocol === "openai" ? "/v1" : ""}`;
  const transport = openTransport({ url, secret: null });
  const client = chatClient(transport, protocol === "openai" ? OPENAI : OLLAMA, realEffects);
  const task = chat<{ input: { text: string }; expected: string }>(plan);
  const answer = await task(sample, (request) => client.chat({ ...request, model: "m" }));
  await client.close();
  await server.close();
  expect(answer).toMatchObject({ text: "hello there", finishReason: "stop" });
  return JSON.parse(server.seen[0]?.body ?? "null") as Record<string, unknown>;
}

test("several turns, tools and a shape of the answer, as each protocol says them", async () => {
  const tools = [{ name: "find", parameters: { type: "object" } }];
  const turns: ChatTask<{ text: string }, string> = {
    system: "s",
    messages: ({ input }) => [
      { role: "user", content: input.text },
      { role: "assistant", content: "", toolCalls: [{ id: "c", name: "find", argumentsText: '{"a":1}' }] },
      { role: "tool", content: "found", toolCallId: "c" },
    ],
    user: "and now?",
    tools,
    schema: z.object({ queue: z.string() }),
  };
  const open = await sent(turns, "openai");
  expect((open["messages"] as { role: string }[]).map(({ role }) => role).join()).toBe(
    "system,user,assistant,tool,user",
  );
  expect(open["tools"]).toEqual([{ type: "function", function: tools[0] }]);
  const shape = { type: "object", properties: { queue: { type: "string" } }, required: ["queue"] };
  expect(open["response_format"]).toMatchObject({ type: "json_schema", json_schema: { schema: shape } });
  expect((await sent(turns, "ollama"))["format"]).toMatchObject(shape);
  expect((await sent({ user: "x", json: true }, "openai"))["response_format"]).toEqual({
    type: "json_object",
  });
});

test("the shape is part of what a task is", () => {
  const of = (schema: z.ZodType) => JSON.stringify(chat({ user: "x", schema }).plan);
  expect(of(z.object({ a: z.string() }))).toBe(of(z.object({ a: z.string() })));
  expect(of(z.object({ a: z.string() }))).not.toBe(of(z.object({ a: z.number() })));
});
