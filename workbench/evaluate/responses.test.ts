import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ChatReply } from "../endpoint/client.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { eachRequest, openResponses, responseKey } from "./responses.ts";
import { tempProject } from "./testing/project.ts";

const replyOf = (text: string): ChatReply => ({
  text,
  toolCalls: [],
  finishReason: "stop",
  usage: { inputTokens: 1, cachedTokens: null, outputTokens: 2 },
  servedModel: "m",
  fingerprint: null,
  latencyMs: 12.5,
  ttftMs: null,
});
const requestOf = (n: number) => ({
  identity: "m",
  request: { prompt: `p${n} ☃ ${"x".repeat(n)}` },
  epoch: 1,
  repeat: 0,
});

async function fill(project: Project, count: number): Promise<void> {
  const responses = await openResponses(project, "seg", realEffects);
  await Promise.all(
    Array.from({ length: count }, (_, n) =>
      responses.put(responseKey(requestOf(n)), requestOf(n), replyOf(`a${n} ☃`)),
    ),
  );
}

const segment = async (project: Project): Promise<string> => {
  const folder = join(project.private, "responses");
  return join(folder, (await readdir(folder))[0] ?? "");
};

test("every reply is found again, in the process that stored it and in the next", async () => {
  const project = await tempProject();
  await fill(project, 1500); // lines cross the 256 kB blocks
  const again = await openResponses(project, "other", realEffects);
  expect(again.count).toBe(1500);
  for (let n = 0; n < 1500; n += 7)
    expect(await again.get(responseKey(requestOf(n)))).toEqual(replyOf(`a${n} ☃`));
  expect(await again.get(responseKey(requestOf(1501)))).toBeNull();
  let requests = 0;
  const count = (_: string, read: () => { readonly epoch: number } | null): void => {
    requests += Number(read()?.epoch === 1);
  };
  await eachRequest(project, count, realEffects);
  expect(requests).toBe(1500);
});

test("what the answer depends on is in the key", () => {
  const base = requestOf(1);
  const others = [
    { ...base, epoch: 2 },
    { ...base, repeat: 1 },
    { ...base, identity: "n" },
    { ...base, request: { prompt: "other" } },
  ];
  expect(new Set([base, ...others].map(responseKey)).size).toBe(5);
});

test("a torn or damaged line is no answer; the others stay", async () => {
  const project = await tempProject();
  await fill(project, 3);
  const path = await segment(project);
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace("a1 ☃", "zz ☃"));
  await appendFile(path, text.slice(0, 90));
  const responses = await openResponses(project, "other", realEffects);
  expect(await responses.get(responseKey(requestOf(0)))).toEqual(replyOf("a0 ☃"));
  expect(await responses.get(responseKey(requestOf(1)))).toBeNull();
  expect(await responses.get(responseKey(requestOf(2)))).toEqual(replyOf("a2 ☃"));
});
