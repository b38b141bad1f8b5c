import { createHmac } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../../schema/canonical.ts";
import type { Config } from "../../schema/config.ts";
import { jsonText, replaceFile } from "../../store/atomic.ts";
import { realEffects, type Effects } from "../../store/effects.ts";
import { readLog } from "../log.ts";
import { config, Scene, WEIGHTS } from "./testing/scene.ts";
import {
  ollamaServer,
  vllmServer,
  webhookServer,
  type FakeServer,
  type HookCall,
  type OllamaState,
  type VllmState,
} from "./testing/servers.ts";

let scene: Scene;
const servers: FakeServer[] = [];
beforeEach(async () => {
  scene = await Scene.make();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

describe("Ollama (its requests faked over HTTP)", () => {
  let state: OllamaState;
  const target = (url: string, more: object = {}): object => ({
    name: "box",
    kind: "ollama",
    url,
    model: "router",
    artifact: "adapter.gguf",
    base: "tiny",
    golden: { prompt: "Ticket 1", expect: "queue billing" },
    ...more,
  });
  const start = async (): Promise<string> => {
    state = {
      models: new Map([
        ["router:latest", "a".repeat(64)],
        ["tiny:latest", "b".repeat(64)],
      ]),
      blobs: new Map(),
      answers: new Map([[sha256(WEIGHTS), "queue billing"]]),
    };
    servers.push(await ollamaServer(state));
    return servers.at(-1)!.url;
  };
  const look = (): unknown => Object.fromEntries([...state.models].sort());
  const reset = (): void => {
    state.models.clear();
    state.models.set("router:latest", "a".repeat(64)).set("tiny:latest", "b".repeat(64));
    state.blobs.clear();
  };

  it("creates the version, copies it to the serving name and keeps the old model", async () => {
    const settings = config(target(await start()));
    expect(await scene.promote(settings)).toBeNull();
    expect(state.models.get("router:latest")).toBe(state.models.get("router:v1.2.1"));
    expect([...state.models.values()].filter((digest) => digest === "a".repeat(64))).toHaveLength(1);
    const rows = (await readLog(scene.project)).rows.filter(({ kind }) => kind === "deploy.applied");
    expect(rows.map(({ data }) => data["target"])).toEqual(["box"]);
  });

  it("puts itself back when the golden prompt has another answer", async () => {
    const settings = config(target(await start(), { golden: { prompt: "Ticket 1", expect: "queue sales" } }));
    const before = look();
    const failure = await scene.promote(settings);
    expect(failure).toMatchObject({ code: "WB_DEPLOY_FAILED", exitCode: 5 });
    expect(look()).toEqual(before);
    expect((await readLog(scene.project)).rows.map(({ kind }) => kind)).toEqual([
      "model.registered",
      "deploy.reverted",
    ]);
  });

  it("stands in the old or the new state wherever it dies", async () => {
    const deaths = await scene.dieEverywhere(config(target(await start())), { reset, look });
    expect(deaths).toBeGreaterThan(20);
  });
});

describe("vLLM (its requests faked over HTTP)", () => {
  let state: VllmState;
  const start = async (): Promise<string> => {
    state = {
      base: "tiny",
      loaded: new Map([["router-v1.1.1", "/adapters/old"]]),
      answers: new Map([
        ["/adapters/v1.2.1", "queue billing"],
        ["/adapters/same", "base"],
      ]),
      updating: true,
    };
    servers.push(await vllmServer(state));
    return servers.at(-1)!.url;
  };
  const target = (url: string, more: object = {}): object => ({
    name: "gpu",
    kind: "vllm",
    url,
    model: "router",
    base: "tiny",
    adapterPath: "/adapters/{version}",
    canary: { prompt: "Ticket 1", expect: "queue billing" },
    drainSeconds: 0,
    ...more,
  });
  const look = (): unknown => Object.fromEntries([...state.loaded].sort());

  it("loads under a versioned name, and takes a 200 for no proof", async () => {
    const url = await start();
    expect(await scene.promote(config(target(url)))).toBeNull();
    expect(look()).toEqual({ "router-v1.1.1": "/adapters/old", "router-v1.2.1": "/adapters/v1.2.1" });
    state.loaded.delete("router-v1.2.1");
    const old = look();
    expect(String(await scene.promote(config(target(url, { adapterPath: "/adapters/same" }))))).toContain(
      "answers the canary as its base does",
    );
    expect(look()).toEqual(old);
    const same = config(target(url, { canary: { prompt: "x", expect: "base" } }));
    expect(String(await scene.promote(same))).toContain("it proves nothing");
    expect(look()).toEqual(old);
  });

  it("says what a server needs that loads no adapters while it runs", async () => {
    const url = await start();
    state.updating = false;
    expect(await scene.promote(config(target(url)))).toMatchObject({
      why: expect.stringContaining("VLLM_ALLOW_RUNTIME_LORA_UPDATING") as string,
    });
  });

  it("stands in the old or the new state wherever it dies", async () => {
    const url = await start();
    const reset = (): void => {
      state.loaded.clear();
      state.loaded.set("router-v1.1.1", "/adapters/old");
    };
    expect(await scene.dieEverywhere(config(target(url)), { reset, look })).toBeGreaterThan(10);
  });
});

describe("a webhook (real HTTP)", () => {
  const SECRET = `whsec_${Buffer.from("a shared secret").toString("base64")}`;
  const effects: Effects = {
    ...realEffects,
    sleep: async () => undefined,
    env: (name) => (name === "HOOK_SECRET" ? SECRET : undefined),
  };
  const settings = (url: string, more: object = {}): Config =>
    config({ name: "pipeline", kind: "webhook", url, secretEnv: "HOOK_SECRET", ...more });

  it("signs what it sends, and sends a repeat under the same key", async () => {
    const calls: HookCall[] = [];
    servers.push(await webhookServer(calls, [503]));
    expect(await scene.promote(settings(servers[0]!.url), effects)).toBeNull();
    expect(calls).toHaveLength(2);
    expect(new Set(calls.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    for (const { headers, body } of calls) {
      const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
      const mac = createHmac("sha256", "a shared secret").update(signed).digest("base64");
      expect(headers["webhook-signature"]).toBe(`v1,${mac}`);
    }
    expect(JSON.parse(calls[0]!.body)).toMatchObject({
      action: "apply",
      target: "pipeline",
      version: { version: "v1.2.1", weights: sha256(WEIGHTS) },
    });
  });

  it("asks the receiver to go back when the name is answered by another model", async () => {
    const calls: HookCall[] = [];
    servers.push(await webhookServer(calls, []));
    const state: VllmState = { base: "production", loaded: new Map(), answers: new Map(), updating: false };
    servers.push(await vllmServer(state));
    const probe = { url: servers[1]!.url, model: "production", expect: "router-{version}" };
    const failure = await scene.promote(settings(servers[0]!.url, { probe }), effects);
    expect(String(failure)).toContain("production is answered by production, not by router-v1.2.1");
    expect(calls.map(({ body }) => (JSON.parse(body) as { action: string }).action)).toEqual([
      "apply",
      "revert",
    ]);
  });

  it("does nothing without its secret, and does not retry a refusal", async () => {
    const calls: HookCall[] = [];
    servers.push(await webhookServer(calls, [403]));
    expect(await scene.promote(settings(servers[0]!.url))).toMatchObject({
      code: "WB_DEPLOY_INVALID",
    });
    expect(calls).toHaveLength(0);
    // The revert is asked for as well: nobody knows what a receiver did before it refused.
    expect(String(await scene.promote(settings(servers[0]!.url), effects))).toContain("answered 403");
    expect(calls).toHaveLength(2);
  });
});

it("puts the first target back when the second fails, and refuses to go on when that cannot be done", async () => {
  const state: OllamaState = {
    models: new Map([["tiny:latest", "b".repeat(64)]]),
    blobs: new Map(),
    answers: new Map([[sha256(WEIGHTS), "queue billing"]]),
  };
  servers.push(await ollamaServer(state));
  const box = {
    name: "box",
    kind: "ollama",
    url: servers[0]!.url,
    model: "router",
    artifact: "adapter.gguf",
    golden: { prompt: "x", expect: "queue billing" },
  };
  const gone = { name: "gone", kind: "webhook", url: "http://127.0.0.1:9/", secretEnv: "NO_SUCH" };
  const before = [...state.models];
  expect(await scene.promote(config(box, gone))).toMatchObject({ code: "WB_DEPLOY_INVALID" });
  expect([...state.models]).toEqual(before);
  // A record of a target that is no longer declared: nothing is guessed.
  await replaceFile(
    join(scene.project.runs, "registry", "deploys", "ffff.json"),
    jsonText({
      schema: "workbench/deploy@1",
      id: "ffff",
      target: "lost",
      kind: "ollama",
      version: "v1.2.1",
      at: "2026-01-01T00:00:00.000Z",
      prior: null,
      steps: [],
    }),
  );
  await expect(scene.settle(config(box))).rejects.toMatchObject({ code: "WB_DEPLOY_UNSETTLED" });
});
