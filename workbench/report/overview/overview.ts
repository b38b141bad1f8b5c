import type { Mean } from "./mean-of-people.ts";

/** What is known of some calls. A sum of nothing known is null; `priced` of `calls` have a cost. */
export interface Figures {
  /** Null: all groups that are not shown alone. */
  readonly key: string | null;
  readonly calls: number;
  readonly errors: number;
  readonly cut: number;
  readonly tokensKnown: number;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly priced: number;
  readonly costUsd: number | null;
  readonly latencyKnown: number;
  /** p50, p95, p99. */
  readonly latencyMs: readonly number[] | null;
  readonly completedKnown: number;
  /** Null where fewer than five people stand behind it, or nobody says. */
  readonly completed: number | null;
}

/** Calls of one group in one period. */
export interface Cell {
  readonly period: string;
  readonly key: string | null;
  readonly calls: number;
}

export interface Groups {
  readonly figures: readonly Figures[];
  readonly cells: readonly Cell[];
}

export interface FeedbackKind extends Mean {
  readonly kind: string;
  readonly signals: number;
  readonly valued: number;
  readonly orphans: number;
  readonly people: number;
}

export interface Quality extends Mean {
  readonly measure: string;
  readonly calls: number;
  readonly people: number;
}

export interface ImportRow {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly format: string;
  readonly importer: string;
  readonly at: string;
  readonly read: number;
  readonly stored: number;
  readonly known: number;
  readonly quarantined: number;
  readonly blank: number;
  readonly interactions: number | null;
  readonly feedback: number | null;
  readonly isConserved: boolean;
}

/** What the calls say; null where fewer than five people stand behind them all. */
export interface Calls {
  readonly total: Figures;
  readonly withFeedback: number;
  readonly period: "day" | "week" | "month";
  /** Periods that may be shown, in order; key null is all others together. */
  readonly periods: readonly Figures[];
  readonly models: Groups;
  readonly agents: Groups;
  /** Kinds with few people come together as signals without a mean. */
  readonly feedback: readonly FeedbackKind[];
  readonly quality: readonly Quality[];
}

/** The store at a glance: aggregates only, each a query over rows. */
export interface Overview {
  readonly interactions: number;
  readonly dated: number;
  readonly withUser: number;
  readonly users: number;
  readonly calls: Calls | null;
  readonly imports: readonly ImportRow[];
  readonly quarantine: readonly {
    readonly reason: string;
    readonly records: number;
    readonly imports: number;
  }[];
  readonly lossy: readonly Lossy[];
  readonly redactions: readonly {
    readonly entity: string;
    readonly replaced: number;
    readonly imports: number;
  }[];
}

export interface Lossy {
  readonly format: string;
  readonly path: string;
  readonly what: string;
  readonly rows: number;
}
