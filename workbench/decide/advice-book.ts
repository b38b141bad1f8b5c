import { growthAdvice, Savings, type Advice } from "../cost/advice.ts";
import { priceFor, type PriceTable } from "../cost/price.ts";
import { DAYS_PER_MONTH } from "../cost/projection.ts";
import type { Config } from "../schema/config.ts";
import type { PriceRow } from "../schema/price.ts";
import { idleModels } from "./idle-models.ts";
import { pricer, priceNameIn, type LoggedCall } from "./logged-call.ts";
import type { Swap } from "./proven-swaps.ts";

/** A row of advice-calls.sql. */
export interface AdvisedCall extends LoggedCall {
  readonly nobodyWaits: boolean;
  readonly prefixShare: number;
  readonly prefixSeconds: number | null;
  readonly sameSeconds: number | null;
}

/** Caches of the large providers keep a prefix for at least five minutes, and none shorter than 1,024 tokens. */
const CACHE_SECONDS = 300;
const CACHE_TOKENS = 1024;
const REPEAT_SECONDS = 24 * 3600;
const DAY_MS = 86_400_000;

type Add = (user: string | null, picoUsd: bigint) => void;

/** Gathers savings of every kind while the calls go by. */
export class AdviceBook {
  private readonly config: Config;
  private readonly prices: PriceTable;
  private readonly swaps: readonly Swap[];
  private readonly price: ReturnType<typeof pricer>;
  private readonly savings = new Map<
    string,
    { readonly make: (days: number) => Advice; readonly of: Savings }
  >();
  private readonly outputs = new Map<string, { tokens: number[]; usdPerToken: number }>();
  private readonly lastSeen = new Map<string, string>();
  private from: string | null = null;
  private to: string | null = null;

  constructor(config: Config, prices: PriceTable, swaps: readonly Swap[]) {
    this.config = config;
    this.prices = prices;
    this.swaps = swaps;
    this.price = pricer(config, prices);
  }

  add(call: AdvisedCall): void {
    if (call.at === null) return;
    this.from ??= call.at;
    this.to = call.at;
    if (call.model !== null) this.lastSeen.set(call.model, call.at);
    const { picoUsd } = this.price(call);
    if (picoUsd === null) return;
    const where = [call.agent, call.taskType, call.model].map((name) => name ?? "–").join(" · ");
    if (call.isRetry || call.status !== "ok")
      this.entry(
        "retry-waste",
        where,
        "calls that failed and were asked again need not fail",
      )(call.user, picoUsd);
    else if (call.sameSeconds !== null && call.sameSeconds <= REPEAT_SECONDS)
      this.entry(
        "exact-repeat",
        where,
        "the answer to the same request of the day before may be given again",
      )(call.user, picoUsd);
    else this.cheaper(call, where, picoUsd);
    this.swap(call, where, picoUsd);
  }

  /** What a price table offers for the same call: cached reads, batches; and what longer answers cost. */
  private cheaper(call: AdvisedCall, where: string, picoUsd: bigint): void {
    const row = this.rowOf(call, "standard");
    if (row === null) return;
    const { input, cachedRead, cacheWrite, output } = row.usdPerMillion;
    const prefix = Math.round(Number(call.inputTokens ?? 0) * call.prefixShare);
    if (
      input !== null &&
      cachedRead !== null &&
      prefix >= CACHE_TOKENS &&
      Number(call.cachedTokens ?? 0) === 0
    ) {
      const hit = call.prefixSeconds !== null && call.prefixSeconds <= CACHE_SECONDS;
      const premium = Math.max(0, (cacheWrite ?? input) - input);
      const pico = BigInt(Math.round(prefix * (hit ? input - cachedRead : -premium) * 1e6));
      const paid =
        cacheWrite === null ? "; no fee for writing is in the price table" : ", less the fee for writing";
      this.entry(
        "repeated-prefix",
        where,
        `a beginning sent again within five minutes is read from the cache${paid}`,
      )(call.user, pico);
    }
    const batch = this.rowOf(call, "batch");
    if (call.nobodyWaits && batch !== null) {
      const cost = pricer(this.config, { ...this.prices, rows: [{ ...batch, tier: "standard" }] })(
        call,
      ).picoUsd;
      if (cost !== null && cost < picoUsd)
        this.entry(
          "batch",
          where,
          "no user and no conversation is named, so an answer within a day will do",
        )(call.user, picoUsd - cost);
    }
    if (output === null || call.outputTokens === null) return;
    const outputs = this.outputs.get(where) ?? { tokens: [], usdPerToken: output / 1e6 };
    outputs.tokens.push(Number(call.outputTokens));
    this.outputs.set(where, outputs);
  }

  private swap(call: AdvisedCall, where: string, picoUsd: bigint): void {
    const model = this.modelOf(call);
    const found = this.swaps.find(({ from, slice }) => {
      const value = slice.slice(slice.indexOf(" = ") + 3);
      return from === model && (slice === "all = all" || value === call.taskType || value === call.agent);
    });
    if (!found) return;
    const assumption = `${found.to} does ${found.slice === "all = all" ? "these tasks" : found.slice} no worse than its margin (decision ${found.run}), at the costs measured there`;
    const pico = BigInt(Math.round(Number(picoUsd) * found.saved));
    this.entry("smaller-model", where, assumption)(call.user, pico);
  }

  /** The name in the configuration that this log's model has. */
  private modelOf({ model }: AdvisedCall): string | null {
    const named = Object.entries(this.config.models).find(
      ([name, ref]) => ref.model === model || name === model,
    );
    return named?.[0] ?? model;
  }

  private rowOf(call: AdvisedCall, tier: PriceRow["tier"]): PriceRow | null {
    const name = priceNameIn(this.config, this.prices, call);
    return name === null || call.at === null
      ? null
      : priceFor(this.prices, { model: name, at: call.at, tier });
  }

  private entry(kind: Advice["kind"], where: string, assumption: string): Add {
    const key = `${kind}\n${where}`;
    const known = this.savings.get(key);
    const of = known?.of ?? new Savings();
    if (!known) this.savings.set(key, { of, make: (days) => of.advice(kind, where, days, assumption) });
    return (user, picoUsd) => of.add(user, picoUsd);
  }

  advice(): Advice[] {
    if (this.from === null || this.to === null) return [];
    const days = Math.floor(Date.parse(this.to) / DAY_MS) - Math.floor(Date.parse(this.from) / DAY_MS) + 1;
    const found = [...this.savings.values()].filter(({ of }) => of.isPositive).map(({ make }) => make(days));
    for (const [where, { tokens, usdPerToken }] of this.outputs) {
      const callsPerMonth = (tokens.length / days) * DAYS_PER_MONTH;
      const grown = growthAdvice({
        where,
        outputTokens: tokens,
        usdPerOutputToken: usdPerToken,
        callsPerMonth,
      });
      if (grown) found.push(grown);
    }
    const seen = { lastSeen: this.lastSeen, days, nowMs: Date.parse(this.to) };
    return [...found, ...idleModels(this.config.models, seen)];
  }
}
