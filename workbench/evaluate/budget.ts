import type { ChatRequest } from "../endpoint/client.ts";
import { EndpointError } from "../endpoint/error.ts";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { canonical } from "../schema/canonical.ts";
import type { JournalLine } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import type { JournalEvent } from "../store/journal.ts";
import type { Arm, LiveArm } from "./arm.ts";
import type { BudgetLimits, Suite } from "./suite.ts";

/** One attempt's share of the budget, from before it is sent until it is known what it cost. */
export interface Reservation {
  /** The attempt was answered: what it cost, or null where that is unknown and the whole stays reserved. */
  readonly settle: (costUsd: number | null) => Promise<void>;
  /** The attempt died: its reservation stays unless the endpoint said no. */
  readonly fail: (thrown: unknown) => Promise<void>;
}

export interface Budget {
  /** Takes back what an earlier process of this run wrote. */
  readonly recall: (line: JournalLine) => void;
  /** Waits while calls in flight may free enough. @throws BudgetStopped when the limit is reached. */
  readonly reserve: (arm: LiveArm, request: ChatRequest) => Promise<Reservation>;
  /** Why nothing more may begin; null while it may. */
  readonly stopped: () => string | null;
}

/** Thrown through a task when the limit is reached: the sample is not run, which is no failure. */
export class BudgetStopped extends Error {
  override readonly name = "BudgetStopped";
}

export interface BudgetContext {
  readonly limits: BudgetLimits;
  readonly write: (event: JournalEvent) => Promise<void>;
  readonly warn: (text: string) => void;
  readonly effects: Effects;
}

const WARN_AT = 0.8;
const HOUR_MS = 3_600_000;
/** Adding doubles up costs less than this: a nano-dollar never decides. */
const ROUNDING_USD = 1e-9;

/**
 * Keeps what a run spends below its limit. Each attempt's worst case is reserved, in the journal,
 * before it is sent, and the rest is released once the cost is known; so neither calls in flight nor
 * a killed process can pass the limit.
 */
export function makeBudget({ limits, write, warn, effects }: BudgetContext): Budget {
  const most = limits.usd ?? Infinity;
  const begunMs = effects.monotonicMs();
  /** Reservations by key, until they are settled; those of a dead process stay. */
  const open = new Map<string, number>();
  let [spent, inFlight, warned] = [0, 0, false];
  let reason: string | null = null;
  let waiting: (() => void)[] = [];

  const held = (): number => [...open.values()].reduce((sum, usd) => sum + usd, spent);
  const stop = (why: string): never => {
    reason ??= why;
    throw new BudgetStopped(reason);
  };
  /** A call has left, whether or not that could be written: who waits for it must not wait for ever. */
  const leave = (): void => {
    inFlight--;
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  const close = async (key: string, costUsd: number): Promise<void> => {
    if (!open.delete(key)) return;
    spent += costUsd;
    try {
      await write({ kind: "budget.settled", key: `settled:${key}`, data: { of: key, usd: costUsd } });
    } finally {
      leave();
    }
    if (warned || spent < WARN_AT * most) return;
    warned = true;
    warn(`${usdText(spent)} of ${usdText(most)} is spent`);
  };
  return {
    recall: ({ kind, key, data }) => {
      if (kind === "budget.reserved") open.set(key, (data as { usd: number }).usd);
      if (kind !== "budget.settled") return;
      const { of, usd } = data as { of: string; usd: number };
      open.delete(of);
      spent += usd;
    },
    reserve: async (arm, request) => {
      if (limits.usd === undefined) return UNLIMITED;
      const worst = worstCaseUsd(arm, request);
      for (;;) {
        if (reason !== null) throw new BudgetStopped(reason);
        if (held() + worst <= most + ROUNDING_USD) break;
        if (inFlight === 0)
          stop(
            `the budget of ${usdText(most)}: ${usdText(held())} is spent or reserved, and the next call may cost ${usdText(worst)}`,
          );
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      const key = `budget.reserved:${token(effects)}`;
      open.set(key, worst);
      inFlight++;
      try {
        await write({ kind: "budget.reserved", key, data: { usd: worst, arm: arm.name } });
      } catch (thrown) {
        leave(); // nothing was sent
        throw thrown;
      }
      return {
        settle: (costUsd) => close(key, costUsd ?? worst),
        fail: (thrown) => close(key, wasRefused(thrown) ? 0 : worst),
      };
    },
    stopped: () => {
      if (limits.hours !== undefined && effects.monotonicMs() - begunMs >= limits.hours * HOUR_MS)
        reason ??= `the time limit of ${limits.hours} h`;
      return reason;
    },
  };
}

const UNLIMITED: Reservation = { settle: async () => undefined, fail: async () => undefined };

const token = (effects: Effects): string => Buffer.from(effects.random(8)).toString("hex");

/** An HTTP status of 400 and more is an answer that costs nothing; silence may have been paid for. */
const wasRefused = (thrown: unknown): boolean =>
  thrown instanceof EndpointError && thrown.status !== null && thrown.status >= 400;

/** Worked value: `usdText(0.25)` is "$0.2500". */
export const usdText = (usd: number): string => `$${usd.toFixed(usd < 0.01 ? 6 : 4)}`;

const TEMPLATE_TOKENS = 256;

/**
 * Tokens that a prompt has at the most: one for each UTF-8 byte of the request, since no byte-level
 * tokenizer makes more, and 256 for what a chat template adds.
 */
export function mostInputTokens(request: Pick<ChatRequest, "messages" | "tools">): number {
  const sent = canonical({ messages: request.messages, tools: request.tools ?? [] });
  return Buffer.byteLength(sent) + TEMPLATE_TOKENS;
}

/** US dollars that an attempt costs at the most. @throws WB_SUITE_INVALID, WB_PRICE_UNKNOWN. */
export function worstCaseUsd(arm: LiveArm, request: ChatRequest): number {
  if (request.maxTokens === undefined) throw unbounded(arm);
  const usage = { inputTokens: mostInputTokens(request), cachedTokens: 0, outputTokens: request.maxTokens };
  const usd = arm.costOf(usage);
  if (usd === null) throw unpriced(arm);
  return usd;
}

/** Refuses, before anything is asked, a dollar limit that could not be kept. */
export function checkBudget(limits: BudgetLimits, arms: readonly Arm[], suite: Suite): void {
  for (const [unit, value] of Object.entries(limits) as [string, number | undefined][])
    if (value !== undefined && !(value > 0 && Number.isFinite(value)))
      throw new WorkbenchError({
        code: "WB_USAGE",
        where: `budget.${unit}`,
        what: `a limit must be a number above 0, got ${value}`,
        fix: "budget: { usd: 5, hours: 2 }, or --budget-usd 5",
      });
  if (limits.usd === undefined) return;
  const plan = suite.task?.plan as { readonly chat?: number; readonly maxTokens?: number } | undefined;
  for (const arm of arms) {
    if (arm.kind !== "live") continue;
    if (arm.costOf({ inputTokens: 1, cachedTokens: 0, outputTokens: 1 }) === null) throw unpriced(arm);
    if (plan?.chat === 1 && plan.maxTokens === undefined) throw unbounded(arm);
  }
}

function unpriced({ name, model }: LiveArm): WorkbenchError {
  return new WorkbenchError({
    code: "WB_PRICE_UNKNOWN",
    where: `arm ${quoted(name)}`,
    what: `the model ${quoted(model)} has no price, so a budget in dollars cannot be kept`,
    fix: "give its `price` in workbench.config.yaml and a row in the price tables, or leave the budget out",
  });
}

function unbounded({ name }: LiveArm): WorkbenchError {
  return new WorkbenchError({
    code: "WB_SUITE_INVALID",
    where: `arm ${quoted(name)}`,
    what: "a budget in dollars needs maxTokens in every request",
    why: "without it nobody knows what the next answer may cost",
    fix: "chat({ …, maxTokens: 200 })",
  });
}
