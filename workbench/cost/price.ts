import { digestOf } from "../schema/canonical.ts";
import { oddPrices } from "./odd-prices.ts";
import type { PriceRow, PriceTier, Rates } from "../schema/price.ts";

/** All price rows of a project in the order of its files, and the digest that a run records. */
export interface PriceTable {
  readonly rows: readonly PriceRow[];
  readonly sha256: string;
  /** Rows whose unit may have slipped: to be said aloud, never corrected. */
  readonly odd: readonly PriceRow[];
}

/** Rows of later files stand later and win over earlier ones for the same model, tier and day. */
export function priceTable(rows: readonly PriceRow[]): PriceTable {
  return { rows, sha256: digestOf(rows), odd: oddPrices(rows) };
}

/** What to say of a row that is a hundred times off its table's median. */
export function oddText({ model, usdPerMillion }: PriceRow): string {
  return `the price of ${model}, $${usdPerMillion.input ?? 0} per million input tokens, is a hundred times off the others: is it per thousand?`;
}

/**
 * The `provider/model` of the table that a log means: as it stands, without a dated snapshot's suffix
 * (`gpt-4o-2024-08-06`), or, where the log names no provider, the only provider that has this model. Null
 * when no row fits. Nothing is guessed from a name's beginning: gpt-4o-mini is no gpt-4o.
 */
export function priceNameOf(
  table: PriceTable,
  { provider, model }: { readonly provider: string | null; readonly model: string },
): string | null {
  const names = new Set(table.rows.map((row) => row.model));
  const plain = model.replace(/[-@](?:\d{8}|\d{4}-\d{2}-\d{2})$/, "");
  for (const one of new Set([model, plain])) {
    if (names.has(one)) return one;
    if (provider !== null && names.has(`${provider}/${one}`)) return `${provider}/${one}`;
    const fits = [...names].filter((name) => name.slice(name.indexOf("/") + 1) === one);
    if (provider === null && fits.length === 1) return fits[0] ?? null;
  }
  return null;
}

export interface PriceQuery {
  /** `provider/model`. */
  readonly model: string;
  readonly tier?: PriceTier;
  /** When the request was made: an ISO instant or date; its UTC day chooses the row. */
  readonly at: string;
}

/** The price that was in force for a request, or null when no row says. */
export function priceFor(table: PriceTable, query: PriceQuery): PriceRow | null {
  const day = new Date(query.at).toISOString().slice(0, 10);
  const tier = query.tier ?? "standard";
  const inForce = (row: PriceRow): boolean =>
    row.model === query.model &&
    row.tier === tier &&
    row.effectiveFrom <= day &&
    (row.effectiveTo === null || day < row.effectiveTo);
  return table.rows.findLast(inForce) ?? null;
}

/** Four counts that never overlap; reasoning is inside `output`. Null is "not reported". */
export interface TokenCounts {
  readonly uncachedInput: number | null;
  readonly cachedRead: number | null;
  readonly cacheWrite: number | null;
  readonly output: number | null;
}

/** Usage as a sample row keeps it: `cachedTokens` are inside `inputTokens`, as OpenAI reports them. */
export interface ReportedUsage {
  readonly inputTokens: number | null;
  readonly cachedTokens: number | null;
  readonly outputTokens: number | null;
}

/**
 * Splits reported usage into disjoint counts; tokens not reported as cached are uncached.
 * Null when more tokens are said to be cached than were sent: such a report cannot be priced.
 * Worked value: input 100, cached 40, output 7 → uncached 60, cached read 40, output 7.
 */
export function tokenCounts(usage: ReportedUsage): TokenCounts | null {
  const cached = usage.cachedTokens ?? 0;
  if (usage.inputTokens !== null && cached > usage.inputTokens) return null;
  return {
    uncachedInput: usage.inputTokens === null ? null : usage.inputTokens - cached,
    cachedRead: cached,
    cacheWrite: 0,
    output: usage.outputTokens,
  };
}

/** What one request cost, in whole pico-USD (1e-12 USD): the parts add up to the total exactly. */
export interface RequestCost {
  readonly picoUsd: bigint;
  readonly parts: Readonly<Record<keyof TokenCounts, bigint>>;
  /** The total for people and JSON. */
  readonly usd: number;
}

/**
 * Σ tokens × price over the disjoint counts. Null when it is not known: no price row, a count that
 * was not reported, or tokens of a kind whose rate is blank. Unknown is never 0.
 * Worked value: 1,000 uncached and 200 output tokens at $2.50 and $10.00 per million: $0.0045.
 */
export function requestCost(price: PriceRow | null, usage: TokenCounts | null): RequestCost | null {
  if (unpricedReason(price, usage) !== null || price === null || usage === null) return null;
  const rates = ratesFor(price, usage);
  const parts = {
    uncachedInput: part(usage.uncachedInput, rates.input),
    cachedRead: part(usage.cachedRead, rates.cachedRead),
    cacheWrite: part(usage.cacheWrite, rates.cacheWrite),
    output: part(usage.output, rates.output),
  };
  const picoUsd = parts.uncachedInput + parts.cachedRead + parts.cacheWrite + parts.output;
  return { picoUsd, parts, usd: usdOf(picoUsd) };
}

/** Why a request has no price, in words; null when it has one. */
export function unpricedReason(price: PriceRow | null, usage: TokenCounts | null): string | null {
  if (price === null) return "no price row for this model, tier and day";
  if (usage === null) return "the reported token counts contradict each other";
  const rates = ratesFor(price, usage);
  for (const [count, rate] of RATE_OF) {
    const tokens = usage[count];
    if (tokens === null) return `${count} tokens were not reported`;
    if (!Number.isSafeInteger(tokens) || tokens < 0) return `${tokens} is not a count of tokens`;
    if (tokens > 0 && rates[rate] === null) return `the price row leaves ${rate} blank`;
  }
  return null;
}

const RATE_OF: readonly (readonly [keyof TokenCounts, keyof Rates])[] = [
  ["uncachedInput", "input"],
  ["cachedRead", "cachedRead"],
  ["cacheWrite", "cacheWrite"],
  ["output", "output"],
];

function ratesFor(price: PriceRow, usage: TokenCounts): Rates {
  const input = (usage.uncachedInput ?? 0) + (usage.cachedRead ?? 0) + (usage.cacheWrite ?? 0);
  const long = price.longContext;
  return long !== null && input > long.aboveInputTokens ? long.usdPerMillion : price.usdPerMillion;
}

/** $1 per million tokens is 1e-6 USD, that is 1,000,000 pico-USD, a token. */
function part(tokens: number | null, usdPerMillion: number | null): bigint {
  return BigInt(tokens ?? 0) * BigInt(Math.round((usdPerMillion ?? 0) * 1e6));
}

const PICO = 1_000_000_000_000;

/** Pico-USD as USD, to double precision. */
export function usdOf(picoUsd: bigint): number {
  return Number(picoUsd) / PICO;
}

/** USD as whole pico-USD; gives back exactly what `usdOf` was given below about $2,000. */
export function picoOf(usd: number): bigint {
  return BigInt(Math.round(usd * PICO));
}
