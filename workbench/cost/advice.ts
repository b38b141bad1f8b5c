import { isRefused } from "../stats/refused.ts";
import { momentsOf } from "../stats/moments.ts";
import { welch } from "../stats/welch.ts";
import { monthFromLogs } from "./log-interval.ts";
import { usdOf } from "./price.ts";
import { DAYS_PER_MONTH } from "./projection.ts";

export type AdviceKind =
  | "smaller-model"
  | "repeated-prefix"
  | "exact-repeat"
  | "batch"
  | "idle-model"
  | "retry-waste"
  | "growing-output";

/** One thing that would cost less, with what it rests on. Null is not known. */
export interface Advice {
  readonly kind: AdviceKind;
  /** Agent, task type and model, or the model alone. */
  readonly where: string;
  readonly calls: number;
  readonly savingUsdPerMonth: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Why there is no interval. */
  readonly blank: string | null;
  readonly assumption: string;
  readonly basis: "estimated from logs";
}

/** Savings of one kind in one place, call by call: whole pico-USD, by user where the log names one. */
export class Savings {
  private readonly byUser = new Map<string, bigint>();
  private total = 0n;
  private calls = 0;

  add(user: string | null, picoUsd: bigint): void {
    this.calls++;
    this.total += picoUsd;
    const key = user ?? `call ${this.calls}`;
    this.byUser.set(key, (this.byUser.get(key) ?? 0n) + picoUsd);
  }

  get isPositive(): boolean {
    return this.total > 0n;
  }

  /** A month of it, with the interval of a later week's logs (users are the clusters). */
  advice(kind: AdviceKind, where: string, days: number, assumption: string): Advice {
    const month = monthFromLogs(
      { usdByUser: [...this.byUser.values()].map(usdOf), days },
      { laterDays: 7, level: 0.95, seed: 7 },
    );
    const refused = isRefused(month);
    return {
      kind,
      where,
      calls: this.calls,
      savingUsdPerMonth: days > 0 ? (usdOf(this.total) / days) * DAYS_PER_MONTH : null,
      lower: refused ? null : month.lower,
      upper: refused ? null : month.upper,
      blank: refused ? month.reason : null,
      assumption,
      basis: "estimated from logs",
    };
  }
}

/** Output tokens of one place, the first half of its calls against the second. */
export interface OutputGrowth {
  readonly where: string;
  /** Oldest first. */
  readonly outputTokens: readonly number[];
  readonly usdPerOutputToken: number;
  readonly callsPerMonth: number;
}

const LEAST_CALLS = 100;

/**
 * What longer answers cost, if the second half of the calls is longer than the first by Welch's interval
 * (95 %, lower end above 0). Null: too few calls, or no growth shown.
 */
export function growthAdvice({
  where,
  outputTokens,
  usdPerOutputToken,
  callsPerMonth,
}: OutputGrowth): Advice | null {
  if (outputTokens.length < LEAST_CALLS) return null;
  const half = outputTokens.length >> 1;
  const arms = {
    baseline: momentsOf(outputTokens.slice(0, half)),
    candidate: momentsOf(outputTokens.slice(half)),
  };
  const grown = welch(arms, 0.025);
  if (isRefused(grown) || !(grown.lower > 0)) return null;
  const usd = (tokens: number): number => tokens * usdPerOutputToken * callsPerMonth;
  return {
    kind: "growing-output",
    where,
    calls: outputTokens.length,
    savingUsdPerMonth: usd(grown.estimate),
    lower: usd(grown.lower),
    upper: usd(grown.upper),
    blank: null,
    assumption: `answers can be as long again as in the first half of the logs, ${grown.estimate.toFixed(1)} tokens shorter`,
    basis: "estimated from logs",
  };
}
