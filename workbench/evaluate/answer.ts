import type { ToolCall } from "../endpoint/client.ts";
import { digestOf } from "../schema/canonical.ts";
import { ask, type Desk } from "./ask.ts";
import type { LiveArm } from "./arm.ts";
import { BudgetStopped } from "./budget.ts";
import type { Place } from "./lanes.ts";
import type { Job } from "./plan.ts";
import type { Answer, Call, Task } from "./types.ts";

/** An answer with all that was measured while it was made; what was not measured is null. */
export interface Measured {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: string | null;
  readonly columns: Readonly<Record<string, unknown>>;
  readonly latencyMs: number | null;
  readonly ttftMs: number | null;
  readonly inputTokens: number | null;
  readonly cachedTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  readonly servedModel: string | null;
  /** Depends on the clock and on what was stored: kept in the journal only. */
  readonly trace: Trace;
}

export interface Trace {
  readonly requests: readonly string[];
  readonly stored: number;
  readonly attempts: number;
  /** When the first call was begun, in milliseconds since 1970; null where no model was called. */
  readonly startedMs: number | null;
  /** Digest of the first request without its model: the arms of a pair must share it. */
  readonly promptSha256: string | null;
}

export const NO_TRACE: Trace = {
  requests: [],
  stored: 0,
  attempts: 0,
  startedMs: null,
  promptSha256: null,
};

const SAMPLE_MS = 300_000;

/** Lets a suite's task answer a sample with one arm's model; every call it makes is added up. */
export async function answerLive(
  { arm, sample, epoch }: Job & { readonly arm: LiveArm },
  task: Task,
  at: { readonly desk: Desk; readonly place: Place },
): Promise<Measured> {
  const { desk, place } = at;
  const giveUpAtMs = desk.effects.monotonicMs() + SAMPLE_MS;
  const total = new Total();
  const first: { startedMs: number | null; promptSha256: string | null } = {
    startedMs: null,
    promptSha256: null,
  };
  const repeats = new Map<string, number>();
  let stopped: BudgetStopped | null = null;
  const call: Call = async (request) => {
    const same = digestOf(request);
    const repeat = repeats.get(same) ?? 0;
    repeats.set(same, repeat + 1);
    const question = { arm, request, epoch, repeat, giveUpAtMs, limiter: place.limiter };
    first.promptSha256 ??= same;
    await place.slots.take();
    first.startedMs ??= desk.effects.now().getTime();
    const asked = await ask(question, desk).catch((thrown: unknown) => {
      place.slots.keep();
      if (thrown instanceof BudgetStopped) stopped = thrown;
      throw thrown;
    });
    place.slots.give();
    total.add(asked, arm);
    return asked.reply;
  };
  const answer = await task(sample, call);
  // A task that went on without the call that was not made has only half an answer.
  const unasked = stopped as BudgetStopped | null;
  if (unasked) throw unasked;
  return total.of(answer, first);
}

/** Adds up the calls of one sample. A figure that one call lacks is unknown for the sample. */
class Total {
  private readonly asked: {
    readonly asked: Awaited<ReturnType<typeof ask>>;
    readonly costUsd: number | null;
  }[] = [];

  add(asked: Awaited<ReturnType<typeof ask>>, arm: LiveArm): void {
    this.asked.push({ asked, costUsd: arm.costOf(asked.reply.usage) });
  }

  of(given: Answer | string, first: Pick<Trace, "startedMs" | "promptSha256">): Measured {
    const answer = typeof given === "string" ? { text: given } : given;
    const replies = this.asked.map(({ asked }) => asked.reply);
    return {
      text: answer.text,
      toolCalls: answer.toolCalls ?? [],
      finishReason: answer.finishReason ?? replies.at(-1)?.finishReason ?? null,
      columns: answer.columns ?? {},
      latencyMs: known(replies.map(({ latencyMs }) => latencyMs)),
      ttftMs: replies[0]?.ttftMs ?? null,
      inputTokens: known(replies.map(({ usage }) => usage.inputTokens)),
      cachedTokens: known(replies.map(({ usage }) => usage.cachedTokens)),
      outputTokens: known(replies.map(({ usage }) => usage.outputTokens)),
      costUsd: known(this.asked.map(({ costUsd }) => costUsd)),
      servedModel: replies.at(-1)?.servedModel ?? null,
      trace: {
        requests: this.asked.map(({ asked }) => asked.key),
        stored: this.asked.filter(({ asked }) => asked.stored).length,
        attempts: this.asked.reduce((sum, { asked }) => sum + asked.attempts, 0),
        ...first,
      },
    };
  }
}

function known(values: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null) return null;
    sum += value;
  }
  return values.length === 0 ? null : sum;
}
