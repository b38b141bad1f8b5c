import { priceTable } from "../cost/price.ts";
import type { Arm, LiveArm } from "../evaluate/arm.ts";
import { isRecorded, type ArmSource } from "../evaluate/suite.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { loadPrices } from "../store/prices.ts";
import { liveArm, type Asking } from "./live-arm.ts";
import { ownServer } from "./own-server.ts";

export interface ArmsRequest extends Asking {
  /** Arm → model name or recorded answers; the baseline first. */
  readonly sources: Readonly<Record<string, ArmSource>>;
  /** The models that score, by what the runner knows them as. */
  readonly judges?: ReadonlyMap<string, { readonly model: string; readonly asks?: "embeddings" }>;
  /** What the suite's task asks its arms for: `task.plan.asks`. Default: chats. */
  readonly asks?: "promptLogprobs" | undefined;
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
