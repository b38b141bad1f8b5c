import { usdOf } from "./price.ts";

/** What money went for. Retries, failed calls and judge calls are never mixed with the answers. */
export const PURPOSES = ["answers", "retries", "failed", "judges", "training"] as const;
export type Purpose = (typeof PURPOSES)[number];

/** One thing that was, or may have been, paid for. */
export interface Entry {
  readonly purpose: Purpose;
  /** Whole pico-USD; null is not known, which is not 0. */
  readonly picoUsd: bigint | null;
  /** Input and output together; null is not reported. */
  readonly tokens: number | null;
}

/** Entries of one purpose. The sum is over priced ones alone, and their share stands beside it. */
export interface Tally {
  readonly count: number;
  readonly priced: number;
  readonly tokens: number;
  readonly pricedTokens: number;
  readonly picoUsd: bigint;
}

export type Ledger = Readonly<Record<Purpose | "total", Tally>>;

const EMPTY: Tally = { count: 0, priced: 0, tokens: 0, pricedTokens: 0, picoUsd: 0n };

/** An account that entries are added to one by one: sums are integers, so its parts equal its total exactly. */
export class Account {
  private readonly tallies = new Map<Purpose, Tally>();

  add({ purpose, picoUsd, tokens }: Entry): void {
    const was = this.tallies.get(purpose) ?? EMPTY;
    const isPriced = picoUsd !== null;
    this.tallies.set(purpose, {
      count: was.count + 1,
      priced: was.priced + (isPriced ? 1 : 0),
      tokens: was.tokens + (tokens ?? 0),
      pricedTokens: was.pricedTokens + (isPriced ? (tokens ?? 0) : 0),
      picoUsd: was.picoUsd + (picoUsd ?? 0n),
    });
  }

  ledger(): Ledger {
    const of = (purpose: Purpose): Tally => this.tallies.get(purpose) ?? EMPTY;
    const [answers, retries, failed, judges, training] = PURPOSES.map(of) as [
      Tally,
      Tally,
      Tally,
      Tally,
      Tally,
    ];
    const total = [answers, retries, failed, judges, training].reduce(plus);
    return { answers, retries, failed, judges, training, total };
  }
}

function plus(a: Tally, b: Tally): Tally {
  return {
    count: a.count + b.count,
    priced: a.priced + b.priced,
    tokens: a.tokens + b.tokens,
    pricedTokens: a.pricedTokens + b.pricedTokens,
    picoUsd: a.picoUsd + b.picoUsd,
  };
}

/** A tally as JSON and pages show it: exact whole pico-USD as text, and USD beside it; null is not known. */
export interface TallyView {
  readonly count: number;
  readonly priced: number;
  readonly tokens: number;
  readonly pricedTokens: number;
  readonly usd: number | null;
  readonly picoUsd: string | null;
}
export type LedgerView = Readonly<Record<Purpose | "total", TallyView>>;

/** What has no price at all has no sum; of the rest, the sum is over what is priced. */
export function ledgerView(ledger: Ledger): LedgerView {
  const view = ({ picoUsd, ...tally }: Tally): TallyView => ({
    ...tally,
    usd: tally.priced === 0 ? null : usdOf(picoUsd),
    picoUsd: tally.priced === 0 ? null : picoUsd.toString(),
  });
  const { answers, retries, failed, judges, training, total } = ledger;
  return {
    answers: view(answers),
    retries: view(retries),
    failed: view(failed),
    judges: view(judges),
    training: view(training),
    total: view(total),
  };
}
