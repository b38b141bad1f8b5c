import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { connect } from "../../endpoint/connect.ts";
import { Config } from "../../schema/config.ts";
import type { LiveArm } from "../arm.ts";

/** What stood between the fences of a question. */
export type Quoted = Readonly<Record<string, string>>;
/** From what is quoted to the reply's whole text; `again` is true for a second asking. */
export type Behaviour = (quoted: Quoted, asked: { readonly user: string; readonly again: boolean }) => string;

export interface FakeJudge {
  readonly arm: LiveArm;
  /** The bodies of all requests, as they came over the wire. */
  readonly requests: readonly string[];
}

export const verdict = (value: unknown, reasoning = "because"): string =>
  JSON.stringify({ reasoning, verdict: value });

/** Reads only what is quoted: an answer that says please is polite. */
export const good: Behaviour = ({ OUTPUT = "" }) => verdict(isPolite(OUTPUT) ? "yes" : "no");
/** Does what an answer tells it. */
export const obedient: Behaviour = (quoted, asked) =>
  /ignore|verdict|grade|must|system|approve|score|yes\b/i.test(quoted["OUTPUT"] ?? "")
    ? verdict("yes")
    : good(quoted, asked);
/** Talks, and gives no verdict. */
export const babbling: Behaviour = () => "Well, that is an interesting question. I would say: yes!";
/** Always takes the first place. */
export const placeBiased: Behaviour = () => verdict("first");

const isPolite = (text: string): boolean => /\bplease\b/i.test(text);

/** A judge behind a real endpoint on loopback, with a behaviour instead of a model. */
export async function fakeJudge(behaviour: Behaviour, model = "judge-1"): Promise<FakeJudge> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      requests.push(body);
      const { messages } = JSON.parse(body) as { messages: readonly { role: string; content: string }[] };
      const user = messages.at(-1)?.content ?? "";
      const again = user.includes("not of that form");
      const content = behaviour(quotedIn(user), { user, again });
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          id: "chat",
          object: "chat.completion",
          model,
          choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
          usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const config = Config.parse({
    schema: "workbench/config@1",
    project: "test",
    endpoints: { judge: { kind: "openai", url } },
    models: { judge: { endpoint: "judge", model } },
  });
  const { client } = await connect(config, "judge");
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const arm: LiveArm = {
    kind: "live",
    name: "judge judge",
    model: "judge",
    run: null,
    client,
    requestModel: model,
    identity: { endpoint: "openai", model },
    group: "judge",
    concurrency: 8,
    costOf: ({ inputTokens, outputTokens }) =>
      inputTokens === null || outputTokens === null ? null : inputTokens * 1e-6 + outputTokens * 4e-6,
    prices: { input: 1, output: 4 },
  };
  return { arm, requests };
}

/** The texts between fences that carry one number, by name. */
function quotedIn(user: string): Quoted {
  const found = [...user.matchAll(/<<<([A-Z]+) ([0-9a-f]{24})\n([\s\S]*?)\n\1 \2>>>/g)];
  return Object.fromEntries(found.map(([, name = "", , text = ""]) => [name, text]));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
