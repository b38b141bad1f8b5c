import type { SampleRow, Score } from "../schema/run.ts";
import { clusteredMean } from "../stats/clustered-mean.ts";
import { isRefused } from "../stats/refused.ts";
import { quantile } from "../stats/ranked.ts";
import { sum } from "../stats/sum.ts";
import type { Suite } from "./suite.ts";

/** Metrics of one arm by name; null is "not measured". */
export type Metrics = Record<string, number | null>;

/** Folds rows, in their order, into the figures of a result. */
export interface Summary {
  readonly visit: (row: SampleRow) => void;
  readonly metrics: () => Record<string, Metrics>;
  readonly counts: () => {
    readonly done: number;
    readonly failed: number;
    readonly contaminated: number;
  };
}

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;
const COUNTED = ["inputTokens", "cachedTokens", "outputTokens", "costUsd", "judgeCostUsd"] as const;

/** Starts a summary. Repeats of a sample are reduced to one score before anything is averaged. */
export function summaryOf(suite: Suite): Summary {
  const arms = new Map<string, ArmFold>();
  return {
    visit: (row) => {
      let fold = arms.get(row.arm);
      if (!fold) arms.set(row.arm, (fold = new ArmFold(suite)));
      fold.visit(row);
    },
    metrics: () => Object.fromEntries([...arms].map(([arm, fold]) => [arm, fold.metrics()])),
    counts: () => {
      const folds = [...arms.values()];
      const count = (status: SampleRow["status"]): number =>
        folds.reduce((total, fold) => total + fold.statuses[status], 0);
      return { done: count("scored"), failed: count("failed"), contaminated: count("contaminated") };
    },
  };
}

class ArmFold {
  readonly statuses = { scored: 0, failed: 0, contaminated: 0 };
  private readonly suite: Suite;
  private readonly reduced = new Map<string, { values: number[]; clusters: number[]; unscored: number }>();
  /** Clusters by number: their names are long, and a sample without one is its own. */
  private readonly clusterNumbers = new Map<string, number>();
  private samples = 0;
  private readonly together = new Map<string, Score[]>();
  private readonly successes: number[] = [];
  private readonly times = { latencyMs: [] as number[], ttftMs: [] as number[] };
  private readonly totals = new Map<string, { sum: number; known: number }>();
  private readonly speed = { tokens: 0, seconds: 0 };
  private truncated = 0;
  /** The rows of the sample at hand: epochs of one sample follow each other. */
  private open: { sampleId: string; cluster: number; epochs: Record<string, Score>[] } | null = null;

  constructor(suite: Suite) {
    this.suite = suite;
  }

  visit(row: SampleRow): void {
    this.statuses[row.status]++;
    if (row.status === "contaminated") return;
    if (this.open?.sampleId !== row.sampleId) {
      this.close();
      this.open = { sampleId: row.sampleId, cluster: this.clusterOf(row), epochs: [] };
    }
    if (row.status === "failed") return;
    this.open.epochs.push(row.scores);
    this.collect(row.scores);
    if (row.success !== null) this.successes.push(Number(row.success));
    if (row.latencyMs !== null) this.times.latencyMs.push(row.latencyMs);
    if (row.ttftMs !== null) this.times.ttftMs.push(row.ttftMs);
    if (row.finishReason === "length") this.truncated++;
    for (const name of COUNTED) {
      const value = row[name];
      if (value === null) continue;
      const total = this.totals.get(name) ?? { sum: 0, known: 0 };
      this.totals.set(name, { sum: total.sum + value, known: total.known + 1 });
    }
    if (row.outputTokens !== null && row.latencyMs !== null && row.latencyMs > 0) {
      this.speed.tokens += row.outputTokens;
      this.speed.seconds += row.latencyMs / 1000;
    }
  }

  private clusterOf({ cluster }: SampleRow): number {
    this.samples++;
    if (cluster === null) return this.samples;
    const known = this.clusterNumbers.get(cluster) ?? -1 - this.clusterNumbers.size;
    this.clusterNumbers.set(cluster, known);
    return known;
  }

  /** Keeps what a figure of all answers together is made of; most scorers have none. */
  private collect(scores: Readonly<Record<string, Score>>): void {
    for (const { metric, corpus } of this.suite.scorers) {
      const score = scores[metric];
      if (!corpus || !score) continue;
      const all = this.together.get(metric) ?? [];
      this.together.set(metric, all);
      all.push(score);
    }
  }

  /** Reduces the epochs of the sample at hand, metric by metric. */
  private close(): void {
    const { open } = this;
    if (!open || open.epochs.length === 0) return;
    for (const { metric } of this.suite.scorers) {
      const scores = open.epochs.flatMap((epoch) => epoch[metric] ?? []);
      for (const [i, reduce] of this.suite.reducers(metric).entries()) {
        const name = i === 0 ? metric : `${metric}.${reduce.reducer}`;
        const fold = this.reduced.get(name) ?? { values: [], clusters: [], unscored: 0 };
        this.reduced.set(name, fold);
        const { value } = reduce(scores);
        if (value === null) fold.unscored++;
        else {
          fold.values.push(value);
          fold.clusters.push(open.cluster);
        }
      }
    }
  }

  metrics(): Metrics {
    this.close();
    this.open = null;
    const out: Metrics = {};
    for (const [name, { values, clusters, unscored }] of this.reduced) {
      out[name] = meanOf(values);
      if (name.includes(".")) continue;
      const estimate = clusteredMean({ values, clusters }, 0.025);
      out[`${name}.se`] = isRefused(estimate) ? null : (estimate.standardError ?? null);
      out[`${name}.n`] = values.length;
      out[`${name}.unscored`] = unscored;
    }
    for (const { metric, corpus } of this.suite.scorers)
      if (corpus) out[`${metric}.corpus`] = corpus(this.together.get(metric) ?? []);
    out["success"] = meanOf(this.successes);
    for (const [name, values] of Object.entries(this.times)) {
      out[`${name}.mean`] = meanOf(values);
      for (const [label, p] of Object.entries(QUANTILES)) {
        const at = quantile(values, p);
        out[`${name}.${label}`] = isRefused(at) ? null : at;
      }
    }
    for (const name of COUNTED) {
      const total = this.totals.get(name);
      // A total over some of the rows would read as a total over all: then it is not known.
      out[name] = total?.known === this.statuses.scored ? total.sum : null;
    }
    const answers = this.statuses.scored + this.statuses.failed;
    out["tokensPerSecond"] = this.speed.seconds > 0 ? this.speed.tokens / this.speed.seconds : null;
    out["errorRate"] = answers > 0 ? this.statuses.failed / answers : null;
    out["truncated"] = this.truncated;
    return out;
  }
}

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : sum(values) / values.length;
