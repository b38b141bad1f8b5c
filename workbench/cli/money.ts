import { amountText } from "../decide/amount.ts";
import { grouped } from "../report/format.ts";

/** From here on cents say nothing, and whole dollars add up where three digits would not. */
const WHOLE_DOLLARS = 100;

/**
 * USD for people; what is not known is said so, never 0.
 * Worked values: `money(12120.6)` is "$12 121", `money(0.01234)` is "$0.0123".
 */
export function money(usd: number | null): string {
  if (usd === null) return "not known";
  const size = Math.abs(usd);
  return `${usd < 0 ? "−" : ""}${size < WHOLE_DOLLARS ? amountText(size, "usd") : `$${grouped(Math.round(size))}`}`;
}
