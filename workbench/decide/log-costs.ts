import { openCatalog } from "../catalog/catalog.ts";
import { sqlFile } from "../catalog/sql.ts";
import { Account, type Entry, type Ledger } from "../cost/ledger.ts";
import { monthFromLogs, type MonthFromLogs } from "../cost/log-interval.ts";
import { usdOf, type PriceTable } from "../cost/price.ts";
import { DAYS_PER_MONTH } from "../cost/projection.ts";
import type { Config } from "../schema/config.ts";
import { isRefused } from "../stats/refused.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { countsOf, pricer, type LoggedCall, type Priced } from "./logged-call.ts";

/** Calls of one agent, task type and model. */
export interface Segment {
  readonly agent: string | null;
  readonly taskType: string | null;
  readonly model: string | null;
  readonly ledger: Ledger;
  readonly requestsPerDay: number | null;
  /** Of its priced calls × 365/12 days; null when one call has no price. */
  readonly usdPerMonth: number | null;
}

export interface LogCosts {
  readonly calls: number;
  readonly from: string | null;
  readonly to: string | null;
  /** Whole days from the first to the last call, both counted. */
  readonly days: number;
  readonly requestsPerDay: number | null;
  /** Calls priced by the table, and calls whose log names a cost and the table none. */
  readonly pricedByTable: number;
  readonly pricedByLog: number;
  readonly ledger: Ledger;
  readonly segments: readonly Segment[];
  /** Null with the reason beside it. */
  readonly month: MonthFromLogs | null;
  readonly monthRefused: string | null;
  readonly tokensPerRequest: { readonly input: number; readonly output: number } | null;
}

const DAY_MS = 86_400_000;

interface Pricing {
  readonly config: Config;
  readonly prices: PriceTable;
}

/** Every stored call with its price, oldest first. */
export async function* readCalls(
  project: Project,
  { config, prices }: Pricing,
  effects: Effects,
): AsyncGenerator<Priced & { readonly call: LoggedCall }> {
  const sql = await sqlFile("log-costs.sql", import.meta.url, effects);
  const price = pricer(config, prices);
  const catalog = await openCatalog(project, effects);
  try {
    for await (const call of catalog.stream<LoggedCall>(sql)) yield { call, ...price(call) };
  } finally {
    catalog.close();
  }
}

/** What the stored interactions cost, by purpose and by agent, task type and model. */
export async function logCosts(project: Project, pricing: Pricing, effects: Effects): Promise<LogCosts> {
  const fold = new Fold();
  for await (const { call, ...priced } of readCalls(project, pricing, effects)) fold.add(call, priced);
  return fold.done();
}

/** Adds calls up as they go by. */
class Fold {
  private readonly whole = new Account();
  private readonly bySegment = new Map<string, { readonly call: LoggedCall; readonly account: Account }>();
  private readonly picoByUser = new Map<string, bigint>();
  private readonly by = { table: 0, log: 0 };
  private readonly tokens = { input: 0, output: 0, calls: 0 };
  private calls = 0;
  private from: string | null = null;
  private to: string | null = null;

  add(call: LoggedCall, { picoUsd, by }: Priced): void {
    const { inputTokens, outputTokens } = countsOf(call);
    const entry: Entry = {
      purpose: call.isRetry ? "retries" : call.status === "ok" ? "answers" : "failed",
      picoUsd,
      tokens: inputTokens === null && outputTokens === null ? null : (inputTokens ?? 0) + (outputTokens ?? 0),
    };
    this.calls++;
    if (by !== null) this.by[by]++;
    if (inputTokens !== null && outputTokens !== null) {
      this.tokens.input += inputTokens;
      this.tokens.output += outputTokens;
      this.tokens.calls++;
    }
    this.from ??= call.at;
    this.to = call.at ?? this.to;
    this.whole.add(entry);
    const key = JSON.stringify([call.agent, call.taskType, call.model]);
    const segment = this.bySegment.get(key) ?? { call, account: new Account() };
    this.bySegment.set(key, segment);
    segment.account.add(entry);
    if (call.user !== null && picoUsd !== null)
      this.picoByUser.set(call.user, (this.picoByUser.get(call.user) ?? 0n) + picoUsd);
  }

  done(): LogCosts {
    const days =
      this.from === null || this.to === null
        ? 0
        : Math.floor(Date.parse(this.to) / DAY_MS) - Math.floor(Date.parse(this.from) / DAY_MS) + 1;
    const ledger = this.whole.ledger();
    const month = monthFromLogs(
      { usdByUser: [...this.picoByUser.values()].map(usdOf), days },
      { laterDays: 7, level: 0.95, seed: 7 },
    );
    const isWhole = ledger.total.priced === ledger.total.count;
    const refusal = isRefused(month)
      ? month.reason
      : isWhole
        ? null
        : `${ledger.total.count - ledger.total.priced} of ${ledger.total.count} calls have no known price`;
    const { input, output, calls } = this.tokens;
    return {
      calls: this.calls,
      from: this.from,
      to: this.to,
      days,
      requestsPerDay: days === 0 ? null : this.calls / days,
      pricedByTable: this.by.table,
      pricedByLog: this.by.log,
      ledger,
      segments: [...this.bySegment.values()].map((one) => segmentOf(one.call, one.account.ledger(), days)),
      month: refusal === null && !isRefused(month) ? month : null,
      monthRefused: refusal,
      tokensPerRequest: calls === 0 ? null : { input: input / calls, output: output / calls },
    };
  }
}

function segmentOf({ agent, taskType, model }: LoggedCall, ledger: Ledger, days: number): Segment {
  const { total } = ledger;
  const isWhole = days > 0 && total.priced === total.count;
  return {
    agent,
    taskType,
    model,
    ledger,
    requestsPerDay: days === 0 ? null : total.count / days,
    usdPerMonth: isWhole ? (usdOf(total.picoUsd) / days) * DAYS_PER_MONTH : null,
  };
}
