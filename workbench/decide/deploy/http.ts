import { z } from "zod";
import type { NameProbe } from "../../schema/deploy.ts";
import type { Effects } from "../../store/effects.ts";
import type { ModelVersion } from "../registry.ts";
import { deployFailed, filledText } from "./hook.ts";

export interface Origin {
  readonly name: string;
  readonly url: string;
  readonly keyEnv?: string | undefined;
  readonly timeoutSeconds: number;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

export interface Request {
  readonly method?: string;
  readonly body?: unknown;
  /** Sent as they are, in place of a JSON body. */
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

const MOST_BYTES = 4_000_000;

/** One request to a target's own origin, with its deadline; a key goes nowhere else, redirects are not followed. */
export async function request(at: Origin, path: string, it: Request, effects: Effects): Promise<Reply> {
  const key = at.keyEnv === undefined ? undefined : effects.env(at.keyEnv);
  const json = it.body === undefined ? {} : { "content-type": "application/json" };
  const body = it.bytes ?? (it.body === undefined ? null : JSON.stringify(it.body));
  try {
    const response = await effects.fetch(`${at.url.replace(/\/+$/, "")}${path}`, {
      method: it.method ?? (body === null ? "GET" : "POST"),
      redirect: "error",
      signal: AbortSignal.timeout(at.timeoutSeconds * 1000),
      headers: { ...json, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...it.headers },
      ...(body === null ? {} : { body: body as BodyInit }),
    });
    const text = it.method === "HEAD" ? "" : await response.text();
    if (text.length > MOST_BYTES) throw new Error("the reply is too long");
    return { status: response.status, text };
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    throw deployFailed(
      at.name,
      `${new URL(at.url).origin} does not answer`,
      cause instanceof Error ? cause.message : String(cause),
    );
  }
}

/** The reply of a request that must succeed. */
export async function must(at: Origin, path: string, it: Request, effects: Effects): Promise<string> {
  const { status, text } = await request(at, path, it, effects);
  if (status >= 200 && status < 300) return text;
  throw deployFailed(at.name, `${path} answered ${status}`, text.slice(0, 200));
}

/** JSON of a known shape; a target's reply is data like any other. */
export function parsedAs<S extends z.ZodType>(schema: S, text: string, at: Origin): z.output<S> {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw deployFailed(at.name, "the reply is not what this protocol says", text.slice(0, 200));
  }
}

const Completion = z.looseObject({
  model: z.string(),
  choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string().nullable() }) })).min(1),
});

/** What an OpenAI-compatible endpoint answers to a prompt at temperature 0, and as which model. */
export async function complete(
  at: Origin,
  { model, prompt }: { readonly model: string; readonly prompt: string },
  effects: Effects,
): Promise<{ readonly model: string; readonly text: string }> {
  const body = { model, messages: [{ role: "user", content: prompt }], temperature: 0, max_tokens: 256 };
  const path = /\/v1\/?$/.test(at.url) ? "/chat/completions" : "/v1/chat/completions";
  const found = parsedAs(Completion, await must(at, path, { body }, effects), at);
  return { model: found.model, text: (found.choices[0]?.message.content ?? "").trim() };
}

/** Whether a name that clients use is answered by the expected model. Null is yes. */
export async function probeName(
  target: { readonly name: string; readonly timeoutSeconds: number; readonly probe?: NameProbe | undefined },
  version: ModelVersion,
  effects: Effects,
): Promise<string | null> {
  const { probe } = target;
  if (probe === undefined) return null;
  const at = {
    name: target.name,
    url: probe.url,
    keyEnv: probe.keyEnv,
    timeoutSeconds: target.timeoutSeconds,
  };
  const prompt = probe.golden?.prompt ?? "ping";
  const reply = await complete(at, { model: probe.model, prompt }, effects);
  const expected = filledText(probe.expect, version);
  if (reply.model !== expected) return `${probe.model} is answered by ${reply.model}, not by ${expected}`;
  if (probe.golden !== undefined && reply.text !== probe.golden.expect.trim())
    return "the golden prompt has another answer than the certified one";
  return null;
}
