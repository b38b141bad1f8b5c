import { amountText } from "../decide/amount.ts";

/** USD for people; what is not known is said so, never 0. */
export function money(usd: number | null): string {
  if (usd === null) return "not known";
  return `${usd < 0 ? "−" : ""}${amountText(usd, "usd")}`;
}
