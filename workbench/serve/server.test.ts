import { request as httpRequest } from "node:http";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Interaction } from "../schema/interaction.ts";
import { projectAt } from "../store/paths.ts";
import { findModels } from "./models.ts";
import { startServer } from "./server.ts";
import type { RunningServer } from "./server.ts";
import { tinyAdapter } from "../endpoint/testing/tiny-gguf.ts";
import { put, testProject } from "./testing/project.ts";
import type { TestProject } from "./testing/project.ts";

const messages = [{ role: "user" as const, content: "I was charged twice, please help." }];
const greedy = { temperature: 0, max_tokens: 16 };
let home: TestProject;
let server: RunningServer;
let openai: OpenAI;
let ollama: Ollama;
const logged: Interaction[] = [];
let logFails = false;

beforeAll(async () => {
  home = await testProject();
  server = await startServer({
    project: home.project,
    port: 0,
    onInteraction: async (interaction) => {
      if (logFails) throw new Error("disk full");
      logged.push(interaction);
    },
  });
  openai = new OpenAI({ baseURL: `${server.origin}/v1`, apiKey: "x", maxRetries: 0 });
  ollama = new Ollama({ host: server.origin });
});
afterAll(async () => {
  await server.close();
  await home.remove();
});

const complete = async (model: string) => {
  const reply = await openai.chat.completions.create({ model, messages, ...greedy });
  return { text: reply.choices[0]?.message.content ?? "", reply };
};

describe("answers", () => {
  test("are equal through both protocols, streamed or not, and twice", async () => {
    for (const model of ["babbler", "babbler@alpha", "babbler@run-b"]) {
      const { text, reply } = await complete(model);
      expect(text.length).toBeGreaterThan(0);
      expect((await complete(model)).text).toBe(text);

      const events = await openai.chat.completions.create({
        model,
        messages,
        ...greedy,
        stream: true,
        stream_options: { include_usage: true },
      });
      let streamed = "";
      const ends: unknown[] = [];
      for await (const event of events) {
        streamed += event.choices[0]?.delta.content ?? "";
        if (event.choices[0]?.finish_reason) ends.push(event.choices[0].finish_reason);
        if (event.usage) ends.push(event.usage);
      }
      expect(streamed).toBe(text);
      expect(ends).toEqual([reply.choices[0]?.finish_reason, reply.usage]);

      const options = { temperature: 0, num_predict: 16 };
      const whole = await ollama.chat({ model, messages, options, stream: false });
      expect(whole.message.content).toBe(text);
      expect([whole.prompt_eval_count, whole.eval_count]).toEqual([
        reply.usage?.prompt_tokens,
        reply.usage?.completion_tokens,
      ]);
      let lines = "";
      for await (const line of await ollama.chat({ model, messages, options, stream: true }))
        lines += line.message.content;
      expect(lines).toBe(text);
    }
  });

  test("adapters alternate, and a run answers under its id and its recipe", async () => {
    const names = ["babbler", "babbler@alpha", "babbler@beta"];
    const first = await Promise.all(names.map(async (name) => (await complete(name)).text));
    expect(new Set(first).size).toBe(3);
    for (let round = 0; round < 3; round++)
      for (const [n, name] of names.entries()) expect((await complete(name)).text).toBe(first[n]);
    expect((await complete("babbler@run-a")).text).toBe(first[1]);
  });

  test("concurrent requests get the answers they get alone", async () => {
    const names = Array.from(
      { length: 24 },
      (_, n) => ["babbler", "babbler@alpha", "babbler@beta"][n % 3] ?? "",
    );
    const alone = new Map<string, string>();
    for (const name of new Set(names)) alone.set(name, (await complete(name)).text);
    const together = await Promise.all(names.map(async (name) => (await complete(name)).text));
    expect(together).toEqual(names.map((name) => alone.get(name)));
  });

  test("a raw prompt with our own rendering gives the chat's answer and counts", async () => {
    const options = { temperature: 0, num_predict: 16 };
    const chat = await ollama.chat({ model: "babbler", messages, options, stream: false });
    const prompt = `<|im_start|>user\n${messages[0]!.content}<|im_end|>\n<|im_start|>assistant\n`;
    const raw = await ollama.generate({ model: "babbler", prompt, raw: true, options, stream: false });
    expect([raw.response, raw.prompt_eval_count]).toEqual([chat.message.content, chat.prompt_eval_count]);
    expect(
      (await ollama.generate({ model: "babbler", prompt: messages[0]!.content, options, stream: false }))
        .response,
    ).toBe(chat.message.content);
  });

  test("log-probabilities come with greedy answers and are refused for sampled ones", async () => {
    const reply = await openai.chat.completions.create({
      model: "babbler",
      messages,
      ...greedy,
      logprobs: true,
      top_logprobs: 2,
    });
    const content = reply.choices[0]?.logprobs?.content ?? [];
    expect(content).toHaveLength(reply.usage?.completion_tokens ?? -1);
    for (const token of content) expect(token.logprob).toBeCloseTo(token.top_logprobs[0]?.logprob ?? NaN, 9);
    await expect(
      openai.chat.completions.create({ model: "babbler", messages, temperature: 1, logprobs: true }),
    ).rejects.toMatchObject({ status: 400 });
  });
});

describe("the lists", () => {
  test("name every model in both protocols", async () => {
    const names = ["babbler", "babbler@alpha", "babbler@beta", "babbler@run-a", "babbler@run-b"];
    expect((await openai.models.list()).data.map(({ id }) => id).sort()).toEqual(names);
    expect((await ollama.list()).models.map(({ name }) => name).sort()).toEqual(names);
    expect((await ollama.show({ model: "babbler@alpha" })).details).toMatchObject({
      format: "gguf",
      family: "qwen3",
      parent_model: "babbler",
    });
    expect((await ollama.version()).version).toMatch(/^\d/);
  });
});

describe("refusals", () => {
  test("an unknown model is 404 in both shapes", async () => {
    await expect(complete("nobody")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
    await expect(ollama.chat({ model: "nobody", messages, stream: false })).rejects.toThrow(
      /there is no model/,
    );
  });

  test("what this server does not have is refused, never ignored", async () => {
    const create = (more: object) =>
      openai.chat.completions.create({ model: "babbler", messages, ...greedy, ...more });
    for (const more of [
      { n: 2 },
      { response_format: { type: "json_object" } },
      { frequency_penalty: 1 },
      { messages: [] },
      { temperature: -1 },
    ])
      await expect(create(more)).rejects.toMatchObject({ status: 400 });
    await expect(create({ messages: [{ role: "user", content: "x".repeat(700) }] })).rejects.toMatchObject({
      status: 400,
      code: "context_length_exceeded",
    });
    await expect(
      ollama.chat({ model: "babbler", messages, options: { num_ctx: 8 }, stream: false }),
    ).rejects.toThrow(/context/);
  });

  test("another Host or Origin is 403", async () => {
    expect(await status(server, { headers: { host: "evil.example" } })).toBe(403);
    expect(await status(server, { headers: { host: "127.0.0.1:1" } })).toBe(403);
    expect(await status(server, { headers: { origin: "https://evil.example" } })).toBe(403);
    expect(await status(server, { headers: { origin: "null" } })).toBe(403);
    expect(await status(server, {})).toBe(200);
    expect(await status(server, { headers: { host: `localhost:${new URL(server.origin).port}` } })).toBe(200);
  });

  test("bodies that are too large, compressed or no JSON", async () => {
    const post = (body: string, headers = {}) =>
      status(server, { method: "POST", path: "/v1/chat/completions", headers, body });
    expect(await post("x", { "content-length": String(5 * 1024 * 1024) })).toBe(413);
    expect(await post(" ".repeat(4 * 1024 * 1024 + 1), { "transfer-encoding": "chunked" })).toBe(413);
    expect(await post("{}", { "content-encoding": "gzip" })).toBe(415);
    expect(await post("{")).toBe(400);
    expect(await status(server, { path: "/etc/passwd" })).toBe(404);
  });

  test("another address needs a token, and then every request does", async () => {
    await expect(startServer({ project: home.project, port: 0, host: "0.0.0.0" })).rejects.toMatchObject({
      code: "WB_USAGE",
    });
    const guarded = await startServer({ project: home.project, port: 0, host: "0.0.0.0", token: "t-1" });
    const there = { ...guarded, origin: guarded.origin.replace("0.0.0.0", "127.0.0.1") };
    expect(await status(there, {})).toBe(401);
    expect(await status(there, { headers: { authorization: "Bearer t-2" } })).toBe(401);
    expect(await status(there, { headers: { authorization: "Bearer t-1" } })).toBe(200);
    await guarded.close();
  });

  test("a taken port says so", async () => {
    const port = Number(new URL(server.origin).port);
    await expect(startServer({ project: home.project, port })).rejects.toMatchObject({
      code: "WB_USAGE",
      fix: expect.stringContaining("--port"),
    });
  });
});

describe("the log", () => {
  test("holds the call before its reply ends, under the client's own id", async () => {
    const before = logged.length;
    const reply = await openai.chat.completions.create(
      { model: "babbler@alpha", messages, ...greedy },
      { headers: { "x-request-id": "call-7" } },
    );
    expect(logged).toHaveLength(before + 1);
    expect(logged.at(-1)).toMatchObject({
      schema: "workbench/interaction@1",
      interaction_id: "call-7",
      model_served: "babbler@alpha",
      messages: [{ role: "user", content: messages[0]!.content }],
      output: [
        {
          role: "assistant",
          content: reply.choices[0]?.message.content,
          finish_reason: reply.choices[0]?.finish_reason,
        },
      ],
      input_tokens: reply.usage?.prompt_tokens,
      output_tokens: reply.usage?.completion_tokens,
    });
    expect(reply.id).toBe("chatcmpl-call-7");
  });

  test("a call's tools and their results are in the log as they were sent", async () => {
    const call = {
      id: "c1",
      type: "function" as const,
      function: { name: "find", arguments: '{"order":7}' },
    };
    await openai.chat.completions.create({
      model: "babbler",
      messages: [
        ...messages,
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: "c1", content: "found" },
      ],
      ...greedy,
    });
    expect(logged.at(-1)?.messages.slice(1)).toMatchObject([
      { role: "assistant", tool_calls: [{ id: "c1", name: "find", arguments: { order: 7 } }] },
      { role: "tool", content: "found", tool_call_id: "c1" },
    ]);
  });

  test("streamed calls are logged before the last event", async () => {
    const before = logged.length;
    const events = await openai.chat.completions.create({
      model: "babbler",
      messages,
      ...greedy,
      stream: true,
    });
    let count = 0;
    for await (const event of events) count += event.choices.length;
    expect(count).toBeGreaterThan(1);
    expect(logged).toHaveLength(before + 1);
    expect(logged.at(-1)?.ttft_ms).toBeGreaterThan(0);
  });

  test("a write that fails is counted and breaks no reply", async () => {
    logFails = true;
    const lost = server.lostLogs();
    expect((await complete("babbler")).text.length).toBeGreaterThan(0);
    expect(server.lostLogs()).toBe(lost + 1);
    logFails = false;
  });
});

describe("adapters while it runs", () => {
  const post = async (path: string, body: object) => {
    const response = await fetch(`${server.origin}${path}`, { method: "POST", body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  test("are loaded under a new name, and gone after they are unloaded", async () => {
    await put(home.project.root, "extra/adapter.gguf", tinyAdapter(9));
    const base = (await complete("babbler")).text;
    expect(
      await post("/v1/load_lora_adapter", { lora_name: "extra-v1", lora_path: "extra/adapter.gguf" }),
    ).toMatchObject({ status: 200 });
    expect((await complete("extra-v1")).text).not.toBe(base);
    expect(
      (await post("/v1/load_lora_adapter", { lora_name: "extra-v1", lora_path: "extra/adapter.gguf" }))
        .status,
    ).toBe(400);
    expect((await post("/v1/unload_lora_adapter", { lora_name: "extra-v1" })).status).toBe(200);
    await expect(complete("extra-v1")).rejects.toMatchObject({ status: 404 });
    expect((await post("/v1/unload_lora_adapter", { lora_name: "extra-v1" })).status).toBe(404);
    expect((await complete("babbler")).text).toBe(base);
  });

  test("never come from outside the project, and never are something else", async () => {
    await put(home.project.root, "extra/pickle.gguf", Buffer.from([0x80, 2, 0x2e]));
    for (const path of ["../../etc/passwd", "/etc/passwd", "extra/pickle.gguf", "extra/nothing.gguf"]) {
      const { status: code } = await post("/v1/load_lora_adapter", { lora_name: "bad", lora_path: path });
      expect(code).toBeGreaterThanOrEqual(400);
      await expect(complete("bad")).rejects.toMatchObject({ status: 404 });
    }
  });
});

describe("findModels", () => {
  test("says what is missing and what to run", async () => {
    const bare = projectAt(join(home.project.root, "bare"));
    await put(bare.root, "recipes/bases/lonely/config.json", "{}");
    const { models, missing } = await findModels(bare);
    expect(models).toEqual([]);
    expect(missing).toMatchObject([{ name: "lonely", fix: "workbench train export-base lonely" }]);
  });

  test("one changed byte of an adapter is refused before it is loaded", async () => {
    const path = join(home.project.runs, "run-b/artifacts/adapter.gguf");
    const bytes = await readFile(path);
    const other = await startServer({ project: home.project, port: 0 });
    const changed = Buffer.from(bytes);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    await writeFile(path, changed);
    const response = await fetch(`${other.origin}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "babbler@beta", messages }),
    });
    expect(response.status).toBe(503);
    expect(JSON.stringify(await response.json())).toContain("WB_INTEGRITY");
    await writeFile(path, bytes);
    await other.close();
  });
});

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** node:http, because fetch does not let a test set Host. */
function status(
  { origin }: { readonly origin: string },
  { method = "GET", path = "/api/version", headers = {}, body = "" }: Sent,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${origin}${path}`, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    // The server may close while the rest of a refused body is still being written.
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "ECONNRESET") reject(error);
    });
    request.end(body);
  });
}
