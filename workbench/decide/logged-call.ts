import { picoOf, priceFor, priceNameOf, requestCost, tokenCounts, type PriceTable } from "../cost/price.ts";
import type { Config } from "../schema/config.ts";

/** A logged model call as log-costs.sql gives it. */
export interface LoggedCall {
  readonly at: string | null;
  readonly agent: string | null;
  readonly taskType: string | null;
  readonly provider: string | null;
  readonly model: string | null;
  readonly user: string | null;
  readonly status: "ok" | "error" | "cut";
  readonly isRetry: boolean;
  /** Text where a number cannot hold it exactly. */
  readonly inputTokens: number | string | null;
  readonly cachedTokens: number | string | null;
  readonly outputTokens: number | string | null;
  readonly loggedUsd: number | null;
}

/** What a call cost in pico-dollars, and who says so; null is not known. */
export interface Priced {
  readonly picoUsd: bigint | null;
  readonly by: "table" | "log" | null;
}

/** The name in the price table that a logged call has: as the configuration maps its model, else as it stands. */
export function priceNameIn(
  config: Config,
  prices: PriceTable,
  { provider, model }: Pick<LoggedCall, "provider" | "model">,
): string | null {
  if (model === null) return null;
  const mapped = Object.values(config.models).find((ref) => ref.model === model)?.price;
  return mapped ?? priceNameOf(prices, { provider, model });
}

/** The cost of a call: by the dated table, else as its log says, else not known. */
export function pricer(config: Config, prices: PriceTable): (call: LoggedCall) => Priced {
  const names = new Map<string, string | null>();
  const nameOf = (call: LoggedCall): string | null => {
    const key = `${call.provider ?? ""}\n${call.model ?? ""}`;
    const known = names.get(key);
    if (known !== undefined) return known;
    const found = priceNameIn(config, prices, call);
    names.set(key, found);
    return found;
  };
  return (call) => {
    const name = nameOf(call);
    if (name !== null && call.at !== null) {
      const cost = requestCost(priceFor(prices, { model: name, at: call.at }), tokenCounts(countsOf(call)));
      if (cost !== null) return { picoUsd: cost.picoUsd, by: "table" };
    }
    if (call.loggedUsd === null) return { picoUsd: null, by: null };
    return { picoUsd: picoOf(call.loggedUsd), by: "log" };
  };
}

const count = (value: number | string | null): number | null => (value === null ? null : Number(value));

/** The token counts of a call as numbers. */
export function countsOf({ inputTokens, cachedTokens, outputTokens }: LoggedCall) {
  return {
    inputTokens: count(inputTokens),
    cachedTokens: count(cachedTokens),
    outputTokens: count(outputTokens),
  };
}
