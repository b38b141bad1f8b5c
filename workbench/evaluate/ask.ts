import type { ChatReply, ChatRequest } from "../endpoint/client.ts";
import { endpointDown, EndpointError } from "../endpoint/error.ts";
import { quoted } from "../errors/printable.ts";
import type { Effects } from "../store/effects.ts";
import type { LiveArm } from "./arm.ts";
import type { Budget } from "./budget.ts";
import type { Limiter } from "./limiter.ts";
import { responseKey, type Responses, type StoredRequest } from "./responses.ts";

/** What asking needs, shared by a whole run. */
export interface Desk {
  readonly responses: Responses;
  readonly retries: RetryBudget;
  /** False asks again although an answer is stored. */
  readonly useStored: boolean;
  readonly budget: Budget;
  readonly effects: Effects;
}

export interface Asked {
  readonly reply: ChatReply;
  /** The stored request that this is; `workbench eval why` starts here. */
  readonly key: string;
  readonly stored: boolean;
  readonly attempts: number;
}

export interface Question {
  readonly arm: LiveArm;
  readonly request: Omit<ChatRequest, "model">;
  readonly epoch: number;
  readonly repeat: number;
  /** On the monotonic clock: no attempt begins after it. */
  readonly giveUpAtMs: number;
  readonly limiter: Limiter;
}

const ATTEMPTS = 5;
const CALL_MS = 120_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** Retries that a whole run may spend: 10 and a tenth of its calls, so that an outage cannot multiply traffic. */
export interface RetryBudget {
  readonly called: () => void;
  readonly take: () => boolean;
}

export function makeRetryBudget(): RetryBudget {
  let [calls, retries] = [0, 0];
  return {
    called: () => {
      calls++;
    },
    take: () => retries < 10 + calls / 10 && ++retries > 0,
  };
}

/**
 * Answers a question from the store, else asks the endpoint, with retries. The reply is stored
 * before anybody reads it, and a hit gives the original latency and usage.
 * @throws EndpointError when no attempt gave a whole reply.
 */
export async function ask(question: Question, desk: Desk): Promise<Asked> {
  const { arm, epoch, repeat } = question;
  const request: ChatRequest = { ...question.request, model: arm.requestModel };
  const stored: StoredRequest = { identity: arm.identity, request, epoch, repeat };
  const key = responseKey(stored);
  const found = desk.useStored ? await desk.responses.get(key) : null;
  if (found) return { reply: found, key, stored: true, attempts: 0 };
  for (let attempt = 1; ; attempt++) {
    desk.retries.called();
    const reservation = await desk.budget.reserve(arm, request);
    if (desk.effects.monotonicMs() >= question.giveUpAtMs) {
      await reservation.settle(0);
      throw tooLate(question);
    }
    try {
      const reply = await attemptOnce(question, request, key, desk);
      await reservation.settle(arm.costOf(reply.usage));
      if (attempt === 1) question.limiter.learn("clean");
      await desk.responses.put(key, stored, reply);
      return { reply, key, stored: false, attempts: attempt };
    } catch (thrown) {
      await reservation.fail(thrown);
      const wait = waitBefore(thrown, attempt, question, desk);
      if (wait === null) throw thrown;
      await desk.effects.sleep(wait);
    }
  }
}

/** A call that cannot be answered in time would be paid for and thrown away: it is not made. */
function tooLate({ arm }: Question): EndpointError {
  const what = "the sample had no time left for another call";
  return new EndpointError({ kind: "timeout", origin: arm.client.origin, what });
}

async function attemptOnce(
  { arm, giveUpAtMs }: Question,
  request: ChatRequest,
  key: string,
  { effects }: Desk,
): Promise<ChatReply> {
  const left = Math.max(1, giveUpAtMs - effects.monotonicMs());
  const reply = await arm.client.chat(request, {
    deadlineMs: Math.ceil(Math.min(arm.deadlineMs ?? CALL_MS, left)),
    stream: arm.stream ?? false,
    idempotencyKey: key,
  });
  if (!isServedBy(reply.servedModel, arm))
    throw new EndpointError({
      kind: "bad-reply",
      origin: arm.client.origin,
      what: `asked for ${quoted(arm.requestModel)}, but ${quoted(reply.servedModel)} answered`,
    });
  return reply;
}

/** The asked model, its dated snapshot (`gpt-4o` → `gpt-4o-2024-08-06`) or tag, or a declared name. */
export function isServedBy(served: string | null, { requestModel, servedAs = [] }: LiveArm): boolean {
  if (served === null || served === requestModel || servedAs.includes(served)) return true;
  const rest = served.startsWith(requestModel) ? served.slice(requestModel.length) : "";
  return rest === ":latest" || /^-\d{4}(-?\d{2}){2}$/.test(rest);
}

/** Milliseconds to wait before the next attempt, or null when there shall be none. */
function waitBefore(thrown: unknown, attempt: number, question: Question, desk: Desk): number | null {
  if (!(thrown instanceof EndpointError)) return null;
  question.limiter.learn(outcomeOf(thrown), thrown.retryAfterMs);
  if (thrown.kind === "auth" || thrown.kind === "unknown-model") throw endpointDown(thrown);
  if (!thrown.retryable || attempt >= ATTEMPTS) return null;
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
  const jitter = ((desk.effects.random(1)[0] ?? 0) / 256) * most;
  const wait = Math.max(jitter, thrown.retryAfterMs ?? 0);
  const inTime = desk.effects.monotonicMs() + wait < question.giveUpAtMs;
  return inTime && desk.retries.take() ? wait : null;
}

function outcomeOf({ kind, status }: EndpointError): "push-back" | "trouble" | "silent" {
  if (kind === "rate-limited" || status === 503 || status === 529) return "push-back";
  return kind === "unavailable" || kind === "timeout" ? "trouble" : "silent";
}
