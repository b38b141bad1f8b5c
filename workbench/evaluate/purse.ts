import { EndpointError } from "../endpoint/error.ts";
import type { JournalLine } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import type { JournalEvent } from "../store/journal.ts";

/** One attempt's share of a limit, from before it is sent until it is known what it cost. */
export interface Reservation {
  /** The attempt was answered: what it cost, or null where that is unknown and the whole stays reserved. */
  readonly settle: (costUsd: number | null) => Promise<void>;
  /** The attempt died: its reservation stays unless the endpoint said no. */
  readonly fail: (thrown: unknown) => Promise<void>;
}

/** One limit in US dollars: what is spent and reserved under it never passes it. */
export interface Purse {
  /** Takes back what an earlier process of this run wrote. */
  readonly recall: (line: JournalLine) => void;
  /** Waits while calls in flight may free enough. @throws what `stop` makes when the limit is reached. */
  readonly reserve: (worstUsd: number, arm: string) => Promise<Reservation>;
  /** Why nothing more may begin; null while it may. */
  readonly reason: () => string | null;
}

/** What writes a purse's events and tells of it. */
export interface PurseContext {
  readonly write: (event: JournalEvent) => Promise<void>;
  readonly warn: (text: string) => void;
  readonly effects: Effects;
}

export interface PurseTerms {
  readonly mostUsd: number;
  /** First word of its events: `budget` writes `budget.reserved` and `budget.settled`. */
  readonly events: "budget" | "judges";
  /** What it is called: `the budget`. */
  readonly title: string;
  /** What is thrown once the limit is reached. */
  readonly stop: (reason: string) => Error;
}

const WARN_AT = 0.8;
/** Adding doubles up costs less than this: a nano-dollar never decides. */
const ROUNDING_USD = 1e-9;

/**
 * Keeps spending below a limit. Each attempt's worst case is reserved, in the journal, before it is sent,
 * and the rest is released once the cost is known; so neither calls in flight nor a killed process can
 * pass the limit.
 */
export function makePurse(
  { mostUsd, events, title, stop }: PurseTerms,
  { write, warn, effects }: PurseContext,
): Purse {
  /** Reservations by key, until they are settled; those of a dead process stay. */
  const open = new Map<string, number>();
  let [spent, inFlight, warned] = [0, 0, false];
  let reason: string | null = null;
  let waiting: (() => void)[] = [];

  const held = (): number => [...open.values()].reduce((sum, usd) => sum + usd, spent);
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
      await write({ kind: `${events}.settled`, key: `settled:${key}`, data: { of: key, usd: costUsd } });
    } finally {
      leave();
    }
    if (warned || spent < WARN_AT * mostUsd) return;
    warned = true;
    warn(`${title}: ${usdText(spent)} of ${usdText(mostUsd)} is spent`);
  };
  const room = async (worstUsd: number): Promise<void> => {
    for (;;) {
      if (reason !== null) throw stop(reason);
      if (held() + worstUsd <= mostUsd + ROUNDING_USD) return;
      if (inFlight === 0) {
        reason = `${title} of ${usdText(mostUsd)}: ${usdText(held())} is spent or reserved, and the next call may cost ${usdText(worstUsd)}`;
        throw stop(reason);
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return {
    recall: ({ kind, key, data }) => {
      if (kind === `${events}.reserved`) open.set(key, (data as { usd: number }).usd);
      if (kind !== `${events}.settled`) return;
      const { of, usd } = data as { of: string; usd: number };
      open.delete(of);
      spent += usd;
    },
    reserve: async (worstUsd, arm) => {
      await room(worstUsd);
      const key = `${events}.reserved:${token(effects)}`;
      open.set(key, worstUsd);
      inFlight++;
      try {
        await write({ kind: `${events}.reserved`, key, data: { usd: worstUsd, arm } });
      } catch (thrown) {
        leave(); // nothing was sent
        throw thrown;
      }
      return {
        settle: (costUsd) => close(key, costUsd ?? worstUsd),
        fail: (thrown) => close(key, wasRefused(thrown) ? 0 : worstUsd),
      };
    },
    reason: () => reason,
  };
}

const token = (effects: Effects): string => Buffer.from(effects.random(8)).toString("hex");

/** An HTTP status of 400 and more is an answer that costs nothing; silence may have been paid for. */
const wasRefused = (thrown: unknown): boolean =>
  thrown instanceof EndpointError && thrown.status !== null && thrown.status >= 400;

/** Worked value: `usdText(0.25)` is "$0.2500". */
export const usdText = (usd: number): string => `$${usd.toFixed(usd < 0.01 ? 6 : 4)}`;
