import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { digestOf, sha256 } from "../../../schema/canonical.ts";

/** A server on this machine that speaks a protocol's requests; no model runs behind it. */
export interface FakeServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

type Handle = (request: IncomingMessage, body: Buffer, response: ServerResponse) => unknown;

async function listen(handle: Handle): Promise<FakeServer> {
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => handle(request, Buffer.concat(parts), response));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

const send = (response: ServerResponse, status: number, value?: unknown): ServerResponse => {
  response.writeHead(status, { "content-type": "application/json" });
  return response.end(value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value));
};

export interface OllamaState {
  /** Name with its tag → digest. */
  readonly models: Map<string, string>;
  readonly blobs: Map<string, Buffer>;
  /** What the model made of this artifact answers to everything. */
  readonly answers: Map<string, string>;
}

/** Ollama's model requests: tags, blobs, create, copy, delete and chat. */
export async function ollamaServer(state: OllamaState): Promise<FakeServer> {
  const tagged = (name: string): string => (name.includes(":") ? name : `${name}:latest`);
  const madeOf = new Map<string, string>();
  return listen((request, body, response) => {
    const [method, path = ""] = [request.method, request.url];
    const json = (): Record<string, unknown> => JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    const blob = /^\/api\/blobs\/sha256:([0-9a-f]{64})$/.exec(path)?.[1];
    if (method === "GET" && path === "/api/tags")
      return send(response, 200, {
        models: [...state.models].map(([name, digest]) => ({ name, model: name, digest })),
      });
    if (blob !== undefined && method === "HEAD") return send(response, state.blobs.has(blob) ? 200 : 404);
    if (blob !== undefined && method === "POST") {
      if (sha256(body) !== blob) return send(response, 400, { error: "digest mismatch" });
      state.blobs.set(blob, body);
      return send(response, 201);
    }
    if (path === "/api/create") {
      const { model, from, files, adapters } = json();
      const parts = Object.values((files ?? adapters) as Record<string, string>).map((it) => it.slice(7));
      if (!parts.every((part) => state.blobs.has(part)))
        return send(response, 400, { error: "no such blob" });
      const digest = digestOf({ from: from ?? null, parts });
      madeOf.set(digest, parts[0]!);
      state.models.set(tagged(String(model)), digest);
      return send(response, 200, { status: "success" });
    }
    if (path === "/api/copy") {
      const { source, destination } = json();
      const digest = state.models.get(tagged(String(source)));
      if (digest === undefined) return send(response, 404, { error: "no such model" });
      state.models.set(tagged(String(destination)), digest);
      return send(response, 200);
    }
    if (path === "/api/delete" && method === "DELETE")
      return send(response, state.models.delete(tagged(String(json()["model"]))) ? 200 : 404);
    if (path === "/api/chat") {
      const digest = state.models.get(tagged(String(json()["model"])));
      if (digest === undefined) return send(response, 404, { error: "no such model" });
      const content = state.answers.get(madeOf.get(digest) ?? "") ?? "I do not know.";
      return send(response, 200, { message: { role: "assistant", content }, done: true });
    }
    return send(response, 404, { error: path });
  });
}

export interface VllmState {
  readonly base: string;
  readonly loaded: Map<string, string>;
  /** Answer of an adapter by its path; the base answers "base". */
  readonly answers: Map<string, string>;
  /** False: VLLM_ALLOW_RUNTIME_LORA_UPDATING is not set, and the routes are not there. */
  updating: boolean;
}

/** vLLM's adapter requests, as its OpenAI-compatible server has them. */
export async function vllmServer(state: VllmState): Promise<FakeServer> {
  return listen((request, body, response) => {
    const json = (): Record<string, unknown> => JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    if (request.url === "/v1/models")
      return send(response, 200, {
        object: "list",
        data: [state.base, ...state.loaded.keys()].map((id) => ({ id, object: "model" })),
      });
    if (request.url === "/v1/chat/completions") {
      const model = String(json()["model"]);
      if (model !== state.base && !state.loaded.has(model)) return send(response, 404, { error: "no model" });
      const content = model === state.base ? "base" : (state.answers.get(state.loaded.get(model)!) ?? "base");
      return send(response, 200, { model, choices: [{ message: { role: "assistant", content } }] });
    }
    if (!state.updating) return send(response, 404, { detail: "Not Found" });
    if (request.url === "/v1/load_lora_adapter") {
      const { lora_name: name, lora_path: path } = json() as { lora_name: string; lora_path: string };
      if (state.loaded.has(name)) return send(response, 400, { error: "already loaded" });
      state.loaded.set(name, path);
      return send(response, 200, `Success: LoRA adapter '${name}' added successfully.`);
    }
    if (request.url === "/v1/unload_lora_adapter")
      return send(response, state.loaded.delete(String(json()["lora_name"])) ? 200 : 404, "Success");
    return send(response, 404);
  });
}

export interface HookCall {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A receiver of webhooks that answers with the statuses given, and with 200 when none is left. */
export async function webhookServer(calls: HookCall[], statuses: number[]): Promise<FakeServer> {
  return listen((request, body, response) => {
    calls.push({ headers: request.headers, body: body.toString("utf8") });
    send(response, statuses.shift() ?? 200, { ok: true });
  });
}
