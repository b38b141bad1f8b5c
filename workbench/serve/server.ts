import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WorkbenchError } from "../errors/error.ts";
import { asWorkbenchError } from "../errors/render.ts";
import { printable } from "../errors/printable.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { makeAnswerer } from "./answer.ts";
import type { OnInteraction } from "./answer.ts";
import { makeEngine } from "./engine.ts";
import type { Gate } from "./http.ts";
import { HttpError, admit, isLoopback, readBody, sendJson } from "./http.ts";
import type { Route } from "./routes.ts";
import { makeRoutes } from "./routes.ts";

export interface ServeOptions {
  readonly project: Project;
  /** 0 takes any free port. */
  readonly port: number;
  /** Default 127.0.0.1. Any other needs `token`. */
  readonly host?: string | undefined;
  /** Asked for as `Authorization: Bearer …` on every request when set. */
  readonly token?: string | null | undefined;
  /** Serve only these names; absent serves every model of the project. */
  readonly models?: readonly string[] | undefined;
  /** Tokens of prompt and answer; default: what each model was trained on, at most 4 096. */
  readonly contextTokens?: number | undefined;
  readonly onInteraction?: OnInteraction | undefined;
}

export interface RunningServer {
  /** `http://127.0.0.1:<port>`: OpenAI's paths are below `/v1`, Ollama's below `/api`. */
  readonly origin: string;
  /** Calls whose log entry could not be written. */
  readonly lostLogs: () => number;
  readonly close: () => Promise<void>;
}

const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
const CALL_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/**
 * Serves the project's models on this machine, OpenAI- and Ollama-shaped. Answers come one after
 * another from one thread: a greedy answer depends on model, adapter and messages alone.
 */
export async function startServer(
  options: ServeOptions,
  effects: Effects = realEffects,
): Promise<RunningServer> {
  const { project, models, contextTokens } = options;
  const host = options.host ?? "127.0.0.1";
  const token = options.token ?? null;
  if (!isLoopback(host) && (token ?? "") === "")
    throw new WorkbenchError({
      code: "WB_USAGE",
      what: `${host} is not this machine alone, so a token is needed`,
      why: "whoever reaches the port could use the models and read what they were trained on",
      fix: "put a token into a variable and name it: workbench serve --host … --token-env WORKBENCH_TOKEN",
    });
  const engine = makeEngine({ project, models, contextTokens }, effects);
  const answerer = makeAnswerer(engine, options.onInteraction ?? null, effects);
  const routes = makeRoutes({ engine, answerer, project }, effects);
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000, maxHeaderSize: 16_384 });
  const port = await listen(server, { host, port: options.port });
  const gate: Gate = { host, port, token };
  server.on("request", (request, response) => void handle(request, response, { gate, routes, effects }));
  return {
    origin: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    lostLogs: answerer.lost,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await engine.close();
    },
  };
}

interface Around {
  readonly gate: Gate;
  readonly routes: ReadonlyMap<string, Route>;
  readonly effects: Effects;
}

async function handle(request: IncomingMessage, response: ServerResponse, around: Around): Promise<void> {
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  try {
    admit(request, around.gate);
    const route = around.routes.get(`${request.method ?? ""} ${path}`);
    if (!route)
      throw new HttpError(
        404,
        `there is no ${printable(request.method ?? "")} ${printable(path)} here`,
        "not_found",
      );
    const body = request.method === "POST" ? await readBody(request, BODY_LIMIT_BYTES) : null;
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) gone.abort();
    });
    const call = { id: callId(request, around.effects), at: around.effects.now(), body, signal: gone.signal };
    await route(call, response);
  } catch (thrown) {
    fail(response, { thrown, ollama: path.startsWith("/api/") });
  }
}

/** The client's own id where it sent one, so that its feedback can name the call. */
function callId(request: IncomingMessage, effects: Effects): string {
  const sent = request.headers["x-request-id"] ?? request.headers["idempotency-key"];
  if (typeof sent === "string" && CALL_ID.test(sent)) return sent;
  return Buffer.from(effects.random(12)).toString("hex");
}

interface Failure {
  readonly thrown: unknown;
  readonly ollama: boolean;
}

/** Each protocol's own error shape. A stream that has begun is cut: half an answer must not look whole. */
function fail(response: ServerResponse, { thrown, ollama }: Failure): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, message, code } = asHttp(thrown);
  // What is left of a refused body is not read: the connection ends with the answer.
  if (status === 413) response.setHeader("connection", "close");
  sendJson(
    response,
    status,
    ollama ? { error: message } : { error: { message, type: code, param: null, code } },
  );
}

function asHttp(thrown: unknown): {
  readonly status: number;
  readonly message: string;
  readonly code: string;
} {
  if (thrown instanceof HttpError) return thrown;
  const error = asWorkbenchError(thrown);
  const message = [error.what, error.why, error.fix && `fix: ${error.fix}`].filter(Boolean).join("; ");
  if (error.code === "WB_MODEL_UNKNOWN") return { status: 404, message, code: "model_not_found" };
  if (error.code === "WB_USAGE" || error.code === "WB_PATH_OUTSIDE")
    return { status: 400, message, code: "invalid_request_error" };
  return { status: error.exitCode === 1 ? 500 : 503, message, code: error.code };
}

function listen(server: Server, at: { readonly host: string; readonly port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        new WorkbenchError({
          code: "WB_USAGE",
          where: `${at.host}:${at.port}`,
          what:
            error.code === "EADDRINUSE"
              ? "another process listens on this port"
              : "this address cannot be listened on",
          why: error.message,
          fix: "name another port with --port, or 0 for any free one",
          cause: error,
        }),
      );
    });
    server.listen(at.port, at.host, () => resolve((server.address() as AddressInfo).port));
  });
}
