import { endpointDown, EndpointError } from "../../endpoint/error.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import { digestOf } from "../../schema/canonical.ts";
import type { LiveArm } from "../arm.ts";
import { ask, makeRetryBudget, type Desk } from "../ask.ts";
import { makeLimiter, type Limiter } from "../limiter.ts";
import type { Suite } from "../suite.ts";
import type { Call, Scored, Scorer, ScoreContext } from "../types.ts";
import { withNonce } from "./fence.ts";

/** The models that judge or embed, by `seatOf`. */
export type Judges = ReadonlyMap<string, LiveArm>;

const SCORE_MS = 300_000;
/** A judge that never answered while this many calls failed is an endpoint that is away. */
const HOPELESS = 8;

/** What a scorer asks, as a key: a model's name, or `embeddings of` it. Null where it asks nothing. */
export function seatOf({ judge, asks }: Pick<Scorer, "judge" | "asks">): string | null {
  if (judge === undefined) return null;
  return asks === undefined ? judge : `${asks} of ${judge}`;
}

/** The models that a suite's scorers ask, by key. */
export function judgesIn(
  scorers: readonly Scorer[],
): ReadonlyMap<string, { readonly model: string; readonly asks?: "embeddings" }> {
  const found = new Map<string, { readonly model: string; readonly asks?: "embeddings" }>();
  for (const scorer of scorers) {
    const { judge, asks } = scorer;
    const seat = seatOf(scorer);
    if (seat !== null && judge !== undefined) found.set(seat, { model: judge, ...(asks && { asks }) });
  }
  return found;
}

/**
 * A suite whose judged scorers carry, in their digest, what answers as the judge: another model or
 * other weights make another scorer, and their scores never pair.
 * @throws WB_SUITE_INVALID for a judge that was not resolved.
 */
export function withJudges(suite: Suite, judges: Judges): Suite {
  return { ...suite, scorers: suite.scorers.map((scorer) => boundTo(scorer, judges)) };
}

export function boundTo(scorer: Scorer, judges: Judges): Scorer {
  const seat = seatOf(scorer);
  if (seat === null) return scorer;
  const judge = judges.get(seat);
  if (!judge)
    throw new WorkbenchError({
      code: "WB_SUITE_INVALID",
      where: `scorer ${quoted(scorer.metric)}`,
      what: `its model ${quoted(seat)} is not there`,
      fix: "add it below models: in workbench.config.yaml",
    });
  const sha256 = digestOf({
    scorer: scorer.sha256,
    judge: { identity: judge.identity, model: judge.requestModel },
  });
  const bound = (it: Scored, context?: ScoreContext) => scorer(it, context);
  return Object.assign(bound, { ...scorer, sha256 });
}

/** What judges cost while one answer was scored; null where none was asked, or a price is unknown. */
export interface Sitting {
  readonly contextOf: (scorer: Scorer) => ScoreContext | undefined;
  readonly costUsd: () => number | null;
  /** Of it, what was paid now: stored verdicts cost nothing again. */
  readonly spentUsd: () => number;
}

/**
 * Where judges are asked: with the run's own store and budget. Their limits and their retries are their
 * own, so that a judge which pushes back costs the arms neither calls in flight nor second attempts.
 */
export function makeSeat(judges: Judges, shared: Desk): (epoch: number) => Sitting {
  const budget = { ...shared.budget, reserve: shared.budget.reserveForJudge };
  const desk = { ...shared, retries: makeRetryBudget(), budget };
  const { effects } = desk;
  const limiters = new Map<string, Limiter>();
  const arms = new Map(
    [...judges].map(([name, arm]) => [name, { ...arm, client: withNonce(arm.client, effects) }]),
  );
  const failures = new Map<string, number>();
  const limiterOf = (arm: LiveArm): Limiter => {
    const known = limiters.get(arm.group) ?? makeLimiter(arm.concurrency, () => undefined, effects);
    limiters.set(arm.group, known);
    return known;
  };
  return (epoch) => {
    const costs: (number | null)[] = [];
    let spent = 0;
    const callOf =
      (arm: LiveArm): Call =>
      async (request) => {
        const limiter = limiterOf(arm);
        await limiter.acquire();
        try {
          const giveUpAtMs = effects.monotonicMs() + SCORE_MS;
          const asked = await ask({ arm, request, epoch, repeat: 0, giveUpAtMs, limiter }, desk);
          failures.set(arm.name, -Infinity);
          const costUsd = arm.costOf(asked.reply.usage);
          costs.push(costUsd);
          if (!asked.stored) spent += costUsd ?? 0;
          return asked.reply;
        } catch (thrown) {
          if (!(thrown instanceof EndpointError)) throw thrown;
          const failed = (failures.get(arm.name) ?? 0) + 1;
          failures.set(arm.name, failed);
          throw failed >= HOPELESS ? endpointDown(thrown) : thrown;
        } finally {
          limiter.release();
        }
      };
    return {
      contextOf: (scorer) => {
        const arm = arms.get(seatOf(scorer) ?? "");
        return arm && { judge: callOf(arm) };
      },
      costUsd: () => {
        let sum = 0;
        for (const cost of costs) {
          if (cost === null) return null;
          sum += cost;
        }
        return costs.length === 0 ? null : sum;
      },
      spentUsd: () => spent,
    };
  };
}
