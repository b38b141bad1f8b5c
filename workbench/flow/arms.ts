import { priceFor, priceTable, requestCost, tokenCounts, type PriceTable } from "../cost/price.ts";
import type { ChatClient, ChatUsage } from "../endpoint/client.ts";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { Arm, LiveArm } from "../evaluate/arm.ts";
import { isRecorded, type ArmSource } from "../evaluate/suite.ts";
import type { Config } from "../schema/config.ts";
import { findModels, pickModel, type ServedModel } from "../serve/models.ts";
import type { RunningServer } from "../serve/server.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { loadPrices } from "../store/prices.ts";
import { trainingTexts } from "./lineage.ts";

export interface ArmsRequest {
  readonly project: Project;
  readonly config: Config;
  /** Arm → model name or recorded answers; the baseline first. */
  readonly sources: Readonly<Record<string, ArmSource>>;
  /** The models that score, by what the runner knows them as. */
  readonly judges?: ReadonlyMap<string, { readonly model: string; readonly asks?: "embeddings" }>;
  /** What the suite's task asks its arms for: `task.plan.asks`. Default: chats. */
  readonly asks?: "promptLogprobs" | undefined;
  /** Calls in flight; default: found out for hosted endpoints, 2 for Ollama, 1 for our own server. */
  readonly concurrency?: number | undefined;
  /** Measure the time to the first token. */
  readonly stream?: boolean | undefined;
}

export interface ResolvedArms {
  readonly arms: readonly Arm[];
  readonly judges: ReadonlyMap<string, LiveArm>;
  /** Closes the clients, and the server if one was started. */
  readonly close: () => Promise<void>;
}

/**
 * Turns names into arms that the runner can ask: client, identity by digests, price, lineage. The
 * project's own server starts with the first question to it, so a run that asks nothing starts nothing.
 */
export async function resolveArms(
  request: ArmsRequest,
  effects: Effects = realEffects,
): Promise<ResolvedArms> {
  const closers: (() => Promise<void>)[] = [];
  const own = ownServer(request.project, effects);
  const prices = priceTable(await loadPrices(request.project, request.config.prices, effects));
  const arms: Arm[] = [];
  const judges = new Map<string, LiveArm>();
  try {
    for (const [name, source] of Object.entries(request.sources)) {
      if (isRecorded(source)) {
        const { model, run } = source.of ?? { model: `recorded:${source.from}`, run: null };
        arms.push({ kind: "recorded", name, model, run, recorded: source });
        continue;
      }
      const { arm, close } = await liveArm(
        { name, model: source, prices, own, ...(request.asks && { asks: request.asks }) },
        request,
        effects,
      );
      arms.push(arm);
      closers.push(close);
    }
    for (const [seat, { model, asks }] of request.judges ?? []) {
      const name = asks === undefined ? `judge ${seat}` : seat;
      const wanted = { name, model, prices, own, ...(asks && { asks }) };
      // Judges are asked for whole replies, and as many at a time as their own entry says or their endpoint bears.
      const plain = { ...request, stream: false, concurrency: undefined };
      const { arm, close } = await liveArm(wanted, plain, effects);
      judges.set(seat, arm);
      closers.push(close);
    }
  } catch (thrown) {
    await closeAll([...closers, own.close]);
    throw thrown;
  }
  return { arms, judges, close: () => closeAll([...closers, own.close]) };
}

async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closers) await close();
}

interface Wanted {
  readonly name: string;
  readonly model: string;
  readonly prices: PriceTable;
  readonly own: OwnServer;
  readonly asks?: "embeddings" | "promptLogprobs";
}

async function liveArm(
  wanted: Wanted,
  request: ArmsRequest,
  effects: Effects,
): Promise<{ readonly arm: LiveArm; readonly close: () => Promise<void> }> {
  const { config, project } = request;
  const { name, model, own, asks } = wanted;
  const ref = config.models[model];
  if (!ref) throw unknownModel(model, config);
  const money = moneyOf(ref.price, wanted.prices, effects);
  const common = { kind: "live" as const, name, model, ...money, stream: request.stream ?? false };
  if (config.endpoints[ref.endpoint]?.kind === "local") {
    const served = pickModel(await findModels(project, effects), ref.model);
    if (asks === "embeddings" && served.adapter) throw noEmbeddings(model, served.base);
    const client = lazyClient(async () => {
      const localOrigin = (await own.start()).origin;
      const { connect } = await import("../endpoint/connect.ts");
      return (await connect(config, model, { localOrigin, ...(asks && { asks }) }, effects)).client;
    });
    const texts = served.run === null ? null : await trainingTexts(project, served.run, effects);
    return {
      arm: {
        ...common,
        client,
        run: served.run,
        // The run's own name: `@recipe` means another model after the next training.
        requestModel: served.run === null ? served.name : `${served.base}@${served.run}`,
        identity: { ...localIdentity(served), protocol: asks ?? protocolOf(config, ref.endpoint) },
        group: "local",
        concurrency: request.concurrency ?? ref.concurrency ?? 1,
        ...(texts ? { trainedOn: texts } : {}),
      },
      close: client.close,
    };
  }
  const { connect } = await import("../endpoint/connect.ts");
  const { client, protocol } = await connect(config, model, asks === undefined ? {} : { asks }, effects);
  return {
    arm: {
      ...common,
      client,
      run: null,
      requestModel: ref.model,
      identity: { endpoint: asks ?? protocol, origin: client.origin, model: ref.model },
      group: `${client.origin} ${keyName(config, ref.endpoint)} ${ref.model}`,
      concurrency: request.concurrency ?? ref.concurrency ?? (protocol === "ollama" ? 2 : null),
    },
    close: client.close,
  };
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

interface OwnServer {
  readonly start: () => Promise<RunningServer>;
  readonly close: () => Promise<void>;
}

/** One server for all local arms, started once and only when it is needed. */
function ownServer(project: Project, effects: Effects): OwnServer {
  let running: Promise<RunningServer> | null = null;
  // Loaded with the first question: a run of stored or recorded answers needs neither client nor server.
  const begin = async (): Promise<RunningServer> => {
    const { startServer } = await import("../serve/server.ts");
    return startServer({ project, port: 0 }, effects);
  };
  return {
    start: () => (running ??= begin()),
    close: async () => {
      if (running) await (await running).close();
    },
  };
}

/** A client that is made by its first use. */
function lazyClient(open: () => Promise<ChatClient>): ChatClient {
  let opened: Promise<ChatClient> | null = null;
  const client = (): Promise<ChatClient> => (opened ??= open());
  return {
    origin: "local",
    chat: async (request, options) => (await client()).chat(request, options),
    models: async (options) => (await client()).models(options),
    close: async () => {
      if (opened) await (await opened).close();
    },
  };
}
