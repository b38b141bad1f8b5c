import type { ServerResponse } from "node:http";
import { z } from "zod";
import type { Effects } from "../store/effects.ts";
import { fileRef } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import type { Answerer } from "./answer.ts";
import type { Engine } from "./engine.ts";
import { completions } from "./completions-route.ts";
import { embeddings } from "./embeddings-route.ts";
import { HttpError, sendJson } from "./http.ts";
import { pickModel } from "./models.ts";
import type { ServedModel } from "./models.ts";
import * as ollama from "./ollama-routes.ts";
import type { Call } from "./openai-routes.ts";
import { chatCompletions } from "./openai-routes.ts";

export type Route = (call: Call, response: ServerResponse) => Promise<void>;

export interface Rooms {
  readonly engine: Engine;
  readonly answerer: Answerer;
  readonly project: Project;
}

const VERSION = "0.1.0";
const ByName = z.looseObject({ model: z.string().optional(), name: z.string().optional() });
const LoraName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/);
const LoadLora = z.looseObject({
  lora_name: LoraName,
  lora_path: z.string(),
  base_model: z.string().optional(),
});
const UnloadLora = z.looseObject({ lora_name: LoraName });

/** Every path this server knows: `METHOD /path` → what answers. */
export function makeRoutes(
  { engine, answerer, project }: Rooms,
  effects: Effects,
): ReadonlyMap<string, Route> {
  const json =
    (answer: (call: Call) => unknown): Route =>
    async (call, response) => {
      sendJson(response, 200, await answer(call));
    };
  return new Map<string, Route>([
    ["POST /v1/chat/completions", (call, response) => chatCompletions(answerer, call, response)],
    ["POST /v1/completions", (call, response) => completions(engine, call, response)],
    ["POST /v1/embeddings", (call, response) => embeddings(engine, call, response)],
    [
      "GET /v1/models",
      json(async () => ({ object: "list", data: (await engine.list()).models.map(modelEntry) })),
    ],
    ["POST /v1/load_lora_adapter", json(async ({ body }) => loadLora({ engine, project, body }, effects))],
    ["POST /v1/unload_lora_adapter", json(async ({ body }) => unloadLora(engine, body))],
    ["POST /api/chat", (call, response) => ollama.chat(answerer, call, response)],
    ["POST /api/generate", (call, response) => ollama.generate(answerer, call, response)],
    ["GET /api/tags", json(async () => ({ models: (await engine.list()).models.map(ollama.tag) }))],
    ["POST /api/show", json(async ({ body }) => ollama.show(await engine.ready(asked(body))))],
    ["GET /api/version", json(() => ({ version: VERSION }))],
    ["GET /health", json(() => ({ status: "ok", lostLogs: answerer.lost() }))],
  ]);
}

function asked(body: unknown): string {
  const read = ByName.safeParse(body);
  const name = read.success ? (read.data.model ?? read.data.name) : undefined;
  if (name === undefined) throw new HttpError(400, "name a model", "invalid_request_error");
  return name;
}

function modelEntry(served: ServedModel): unknown {
  return {
    id: served.name,
    object: "model",
    created: 0,
    owned_by: "workbench",
    root: served.base,
    parent: served.adapter ? served.base : null,
  };
}

interface Loading {
  readonly engine: Engine;
  readonly project: Project;
  readonly body: unknown;
}

/** vLLM's route: an adapter file inside the project, served under `lora_name` beside what is there. */
async function loadLora({ engine, project, body }: Loading, effects: Effects): Promise<unknown> {
  const { lora_name: name, lora_path: path, base_model: base } = read(LoadLora, body);
  const list = await engine.list();
  if (list.models.some((model) => model.name === name))
    throw new HttpError(
      400,
      `the name ${name} is taken: adapters are versioned, load it under a new one`,
      "name_taken",
    );
  const on = base === undefined ? list.models.find((model) => model.adapter === null) : pickModel(list, base);
  if (!on) throw new HttpError(400, "there is no base to put an adapter on", "model_not_found");
  const file = await fileRef(project.root, path, effects);
  const served: ServedModel = {
    ...on,
    name,
    adapter: { folder: project.root, file },
    run: null,
    recipe: null,
  };
  await engine.addAdapter(served);
  try {
    // One token, so that a file that is no adapter of this base is refused here and not in the first chat.
    const ready = await engine.ready(name);
    await ready.local.nextLogprobs(ready.adapterPath, ready.local.tokenize("a", false));
  } catch (error) {
    await engine.removeAdapter(name);
    throw error;
  }
  return { message: `adapter ${name} is loaded`, model: name, base: on.name, sha256: file.sha256 };
}

async function unloadLora(engine: Engine, body: unknown): Promise<unknown> {
  const { lora_name: name } = read(UnloadLora, body);
  if (!(await engine.removeAdapter(name)))
    throw new HttpError(404, `no adapter ${name} was loaded`, "model_not_found");
  return { message: `adapter ${name} is unloaded`, model: name };
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const found = schema.safeParse(body);
  if (found.success) return found.data;
  const issue = found.error.issues[0];
  throw new HttpError(
    400,
    `${issue?.path.join(".") || "body"}: ${issue?.message ?? "not understood"}`,
    "invalid_request_error",
  );
}
