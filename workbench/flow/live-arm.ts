import { priceFor, requestCost, tokenCounts, type PriceTable } from "../cost/price.ts";
import type { ChatUsage } from "../endpoint/client.ts";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { LiveArm } from "../evaluate/arm.ts";
import type { Config } from "../schema/config.ts";
import { findModels, pickModel, type ServedModel } from "../serve/models.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { trainingTexts } from "./lineage.ts";
import { lazyClient, type OwnServer } from "./own-server.ts";

/** A model to ask, by its name in workbench.config.yaml, and how. */
export interface Wanted {
  readonly name: string;
  readonly model: string;
  readonly prices: PriceTable;
  readonly own: OwnServer;
  readonly asks?: "embeddings" | "promptLogprobs";
}

export interface Asking {
  readonly project: Project;
  readonly config: Config;
  /** Calls in flight; default: found out for hosted endpoints, 2 for Ollama, 1 for our own server. */
  readonly concurrency?: number | undefined;
  /** Measure the time to the first token. */
  readonly stream?: boolean | undefined;
}

export interface OpenedArm {
  readonly arm: LiveArm;
  readonly close: () => Promise<void>;
}

type Common = Pick<LiveArm, "kind" | "name" | "model" | "prices" | "costOf" | "stream">;
type ModelRef = Config["models"][string];

/** An arm with its client, identity and price. @throws WB_MODEL_UNKNOWN, WB_CONFIG_INVALID */
export async function liveArm(wanted: Wanted, asking: Asking, effects: Effects): Promise<OpenedArm> {
  const { config, stream = false } = asking;
  const { name, model, prices } = wanted;
  const ref = config.models[model];
  if (!ref) throw unknownModel(model, config);
  const common = { kind: "live" as const, name, model, ...moneyOf(ref.price, prices, effects), stream };
  const open = config.endpoints[ref.endpoint]?.kind === "local" ? localArm : hostedArm;
  return open({ wanted, asking, ref, common }, effects);
}

interface Opening {
  readonly wanted: Wanted;
  readonly asking: Asking;
  readonly ref: ModelRef;
  readonly common: Common;
}

/** A model of the project itself, answered by its own server. */
async function localArm({ wanted, asking, ref, common }: Opening, effects: Effects): Promise<OpenedArm> {
  const { model, own, asks } = wanted;
  const { config, project, concurrency } = asking;
  const served = pickModel(await findModels(project, effects), ref.model);
  if (asks === "embeddings" && served.adapter) throw noEmbeddings(model, served.base);
  const client = lazyClient(async () => {
    const localOrigin = (await own.start()).origin;
    const { connect } = await import("../endpoint/connect.ts");
    return (await connect(config, model, { localOrigin, ...(asks && { asks }) }, effects)).client;
  });
  const texts = served.run === null ? null : await trainingTexts(project, served.run, effects);
  const arm: LiveArm = {
    ...common,
    client,
    run: served.run,
    // The run's own name: `@recipe` means another model after the next training.
    requestModel: served.run === null ? served.name : `${served.base}@${served.run}`,
    identity: { ...localIdentity(served), protocol: asks ?? protocolOf(config, ref.endpoint) },
    group: "local",
    concurrency: concurrency ?? ref.concurrency ?? 1,
    ...(texts ? { trainedOn: texts } : {}),
  };
  return { arm, close: client.close };
}

/** A model behind an endpoint of somebody else. */
async function hostedArm({ wanted, asking, ref, common }: Opening, effects: Effects): Promise<OpenedArm> {
  const { model, asks } = wanted;
  const { config, concurrency } = asking;
  const { connect } = await import("../endpoint/connect.ts");
  const { client, protocol } = await connect(config, model, asks === undefined ? {} : { asks }, effects);
  const arm: LiveArm = {
    ...common,
    client,
    run: null,
    requestModel: ref.model,
    identity: { endpoint: asks ?? protocol, origin: client.origin, model: ref.model },
    group: `${client.origin} ${keyName(config, ref.endpoint)} ${ref.model}`,
    concurrency: concurrency ?? ref.concurrency ?? (protocol === "ollama" ? 2 : null),
  };
  return { arm, close: client.close };
}

/** What a local answer depends on: the bytes of weights and adapter, not where they lie. */
function localIdentity(served: ServedModel): Readonly<Record<string, unknown>> {
  return {
    endpoint: "local",
    weights: served.model.file.sha256,
    adapter: served.adapter?.file.sha256 ?? null,
  };
}

function protocolOf(config: Config, endpoint: string): string | null {
  const found = config.endpoints[endpoint];
  return found?.kind === "local" ? found.protocol : null;
}

function keyName(config: Config, endpoint: string): string {
  const found = config.endpoints[endpoint];
  return found && found.kind !== "local" ? (found.keyEnv ?? "") : "";
}

/** The price in force now, and what a reply costs by it. An unknown price gives null, never 0. */
function moneyOf(
  price: string | undefined,
  table: PriceTable,
  effects: Effects,
): Pick<LiveArm, "prices" | "costOf"> {
  const row = price === undefined ? null : priceFor(table, { model: price, at: effects.now().toISOString() });
  return {
    prices: row,
    costOf: (usage: ChatUsage) => requestCost(row, tokenCounts(usage))?.usd ?? null,
  };
}

function noEmbeddings(model: string, base: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_CONFIG_INVALID",
    where: "workbench.config.yaml",
    what: `the model ${quoted(model)} is an adapter on the project's own server, which embeds with whole models only`,
    fix: `name a model of ${quoted(base)}, of a run that trained all weights, or of an endpoint that answers /v1/embeddings`,
  });
}

function unknownModel(model: string, config: Config): WorkbenchError {
  return new WorkbenchError({
    code: "WB_MODEL_UNKNOWN",
    where: "workbench.config.yaml",
    what: `there is no model ${quoted(model)}`,
    why: `these are there: ${Object.keys(config.models).join(", ") || "none"}`,
    fix: "add it below models:, or use one of these names",
  });
}
