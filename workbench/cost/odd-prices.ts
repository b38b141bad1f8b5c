import { quantile } from "../stats/ranked.ts";
import { isRefused } from "../stats/refused.ts";
import type { PriceRow } from "../schema/price.ts";

const FAR = 100;

/** Rows whose input price is 100 times off the median of their table: a slipped unit, most likely. */
export function oddPrices(rows: readonly PriceRow[]): readonly PriceRow[] {
  const known = rows.map((row) => row.usdPerMillion.input).filter((rate) => rate !== null && rate > 0);
  const median = quantile(known as number[], 0.5);
  if (isRefused(median) || known.length < 3) return [];
  return rows.filter(({ usdPerMillion: { input } }) => {
    if (input === null || input === 0) return false;
    return input > median * FAR || input < median / FAR;
  });
}
