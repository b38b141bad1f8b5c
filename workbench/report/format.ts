import type { Html } from "./html.ts";
import { html } from "./html.ts";

/** How a metric's numbers are written. */
export type Unit = "share" | "ms" | "usd" | "tokens" | "score";

const DASH = "–";

/** The unit of an eval run's metric, told by its name: latencyMs.p95, costUsd, inputTokens. Decisions say theirs. */
export function unitOf(metric: string): Unit {
  if (/ms\b/i.test(metric) && /latency|ttft|Ms/.test(metric)) return "ms";
  if (/usd/i.test(metric)) return "usd";
  if (/perplexity|loss|perSecond/i.test(metric)) return "score";
  if (/tokens|steps|words/i.test(metric)) return "tokens";
  return "share";
}

/** A level: 0.874 → "87.4 %". Null is "not measured", never 0. */
export function level(value: number | null, unit: Unit): string {
  if (value === null) return "not measured";
  if (unit === "share") return `${fixed(value * 100, 1)} %`;
  return quantity(value, unit);
}

/** A difference with its sign: 0.245 → "+24.5 points". */
export function difference(value: number | null, unit: Unit): string {
  if (value === null) return "not measured";
  const size =
    unit === "share" ? `${fixed(Math.abs(value) * 100, 1)} points` : quantity(Math.abs(value), unit);
  return /[1-9]/.test(size) ? `${value < 0 ? "−" : "+"}${size}` : size;
}

/** An interval of differences: "[+17.9, +31.1]". An open end is an infinity sign. */
export function interval(lower: number | null, upper: number | null, unit: Unit): string {
  if (lower === null && upper === null) return "";
  const scale = unit === "share" ? 100 : 1;
  const most = Math.max(Math.abs(lower ?? 0), Math.abs(upper ?? 0));
  const digits = unit === "usd" ? moneyDigits(most) : unit === "score" ? 3 : 1;
  const end = (value: number | null, open: string): string => {
    if (value === null) return open;
    const size = fixed(Math.abs(value) * scale, digits);
    return Number(size) === 0 ? size : `${value < 0 ? "−" : "+"}${size}`;
  };
  return `[${end(lower, "−∞")}, ${end(upper, "+∞")}]`;
}

/** An interval of levels: "51.4 ms to 66.9 ms". */
export function range(lower: number | null, upper: number | null, unit: Unit): string {
  if (lower === null && upper === null) return "";
  if (lower === null) return `at most ${level(upper, unit)}`;
  return upper === null ? `at least ${level(lower, unit)}` : `${level(lower, unit)} to ${level(upper, unit)}`;
}

function quantity(value: number, unit: Unit): string {
  if (unit === "ms") return `${value < 100 ? fixed(value, 1) : grouped(Math.round(value))} ms`;
  if (unit === "usd") return usd(value);
  if (unit === "tokens") return Number.isInteger(value) ? grouped(value) : fixed(value, 1);
  return Math.abs(value) >= 1000 ? grouped(Math.round(value)) : fixed(value, 3);
}

/** Dollars with as many digits as the amount needs: $1,234.50, $0.0123, $0.00000104. */
export function usd(value: number | null): string {
  if (value === null) return "not measured";
  if (value === 0) return "$0";
  const magnitude = Math.abs(value);
  const [whole = "0", rest] = fixed(magnitude, moneyDigits(magnitude)).split(".");
  return `${value < 0 ? "−" : ""}$${grouped(Number(whole))}${rest === undefined ? "" : `.${rest}`}`;
}

/** Decimals of an amount in dollars: three digits that matter, at most ten places. */
function moneyDigits(magnitude: number): number {
  if (magnitude === 0 || magnitude >= 100) return magnitude === 0 ? 2 : 0;
  return magnitude >= 1 ? 2 : Math.min(10, 2 - Math.floor(Math.log10(magnitude)));
}

/** "1 234 567", with spaces that no line breaks at. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, "\u00a0");
}

/** A share as it is read: 0.975 is "97.5 %", 0.95 is "95 %". */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/** "2026-11-21 14:02 UTC"; a dash when there is no time. */
export function moment(iso: string | null): string {
  const found = iso === null ? null : /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(iso);
  return found ? `${found[1] ?? ""} ${found[2] ?? ""} UTC` : DASH;
}

export function short(digest: string | null): string {
  return digest === null ? DASH : digest.slice(0, 12);
}

/** An amount in a table: what is not known is an empty cell. */
export function amount(value: number | null): Html {
  return html`${value === null ? "" : usd(value)}`;
}
