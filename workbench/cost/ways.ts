import { refused, type Refused } from "../stats/refused.ts";
import { HOURS_PER_MONTH } from "./self-hosting.ts";

interface Succeeding {
  /** Share of tasks that need no repair, 0 to 1. */
  readonly success?: number;
}

/** A way to answer requests, every number settled (schema/scenario.ts says what each means). */
export type PlainWay =
  | (Succeeding & { readonly kind: "request"; readonly usdPerRequest: number })
  | (Succeeding & {
      readonly kind: "api";
      readonly usdPerMillion: {
        readonly input: number;
        readonly cachedRead?: number;
        readonly output: number;
      };
      readonly cacheHitShare: number;
    })
  | (Succeeding & {
      readonly kind: "hosted";
      readonly usdPerHour: number;
      readonly tokensPerSecond: number;
      readonly utilisation: number;
      readonly servers: number;
    })
  | (Succeeding & { readonly kind: "logs" });

export interface Load {
  readonly requestsPerMonth: number;
  readonly tokensPerRequest: { readonly input: number; readonly output: number } | null;
  /** 1 is today's API price. */
  readonly apiPriceFactor: number;
}

/**
 * USD a month of answering a load one way, without repairs. Hosts are paid whether or not anyone asks:
 * at least as many as declared, and as many more as the load needs at their utilisation.
 * Worked values: 1.5 M requests at $0.05 are $75,000; two servers at $2.00/h are $2,920.
 */
export function monthlyUsdOf(way: PlainWay, load: Load): number | Refused {
  const { requestsPerMonth, tokensPerRequest: tokens, apiPriceFactor } = load;
  if (way.kind === "request") return requestsPerMonth * way.usdPerRequest * apiPriceFactor;
  if (way.kind === "logs") return refused("the logs must say first what a request costs");
  if (tokens === null) return refused("tokensPerRequest is not known");
  if (way.kind === "hosted")
    return (
      serversFor(way, requestsPerMonth * (tokens.input + tokens.output)) * way.usdPerHour * HOURS_PER_MONTH
    );
  const { input, cachedRead, output } = way.usdPerMillion;
  if (way.cacheHitShare > 0 && cachedRead === undefined)
    return refused("tokens are read from a cache whose price is not known");
  const perMillion =
    tokens.input * (1 - way.cacheHitShare) * input +
    tokens.input * way.cacheHitShare * (cachedRead ?? 0) +
    tokens.output * output;
  return (requestsPerMonth * perMillion * apiPriceFactor) / 1e6;
}

/** Tokens a month that one server does at its utilisation: tokens/s × 3600 × 730 × utilisation. */
export function serverTokensPerMonth(way: Extract<PlainWay, { kind: "hosted" }>): number {
  return way.tokensPerSecond * 3600 * HOURS_PER_MONTH * way.utilisation;
}

/** Servers that a month's tokens need; never fewer than declared. */
export function serversFor(way: Extract<PlainWay, { kind: "hosted" }>, tokensPerMonth: number): number {
  return Math.max(way.servers, Math.ceil(tokensPerMonth / serverTokensPerMonth(way) - 1e-12));
}
