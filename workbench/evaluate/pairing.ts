import type { SampleRow } from "../schema/run.ts";
import type { Trace } from "./answer.ts";

/** Whether the arms were asked the same, and answered all of it: what pairs rest on. The same for the same replies. */
export interface Pairing {
  /** Samples and repeats that every arm answered. */
  readonly complete: number;
  readonly planned: number;
  /** Pairs whose first prompts are not the same, byte for byte: the arms were not asked the same. */
  readonly promptsDiffer: number;
}

/** How far apart the arms' calls of a pair began, in milliseconds. Depends on the clock: for people, in no file. */
export interface StartSkew {
  readonly pairs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

export interface PairingFold {
  /** Rows of one sample and repeat follow each other, one for each arm. */
  readonly visit: (row: SampleRow, trace: Trace | null) => void;
  readonly pairing: () => Pairing;
  /** Null where no pair was asked of two models in this run. */
  readonly startSkew: () => StartSkew | null;
}

/** Starts the account of a run's pairs. */
export function pairingOf(arms: number): PairingFold {
  let [complete, planned, promptsDiffer] = [0, 0, 0];
  const skewsMs: number[] = [];
  let open: { row: SampleRow; trace: Trace | null }[] = [];
  const close = (): void => {
    if (open.length === 0) return;
    planned++;
    if (open.length === arms && open.every(({ row }) => row.status === "scored")) complete++;
    const traces = open.flatMap(({ trace }) => (trace === null ? [] : [trace]));
    if (new Set(traces.map(({ promptSha256 }) => promptSha256).filter(Boolean)).size > 1) promptsDiffer++;
    const startsMs = traces.flatMap(({ startedMs, stored }) =>
      startedMs === null || stored > 0 ? [] : [startedMs],
    );
    if (startsMs.length > 1) skewsMs.push(Math.max(...startsMs) - Math.min(...startsMs));
    open = [];
  };
  return {
    visit: (row, trace) => {
      const first = open[0]?.row;
      if (first && (first.sampleId !== row.sampleId || first.epoch !== row.epoch)) close();
      open.push({ row, trace });
    },
    pairing: () => {
      close();
      return { complete, planned, promptsDiffer };
    },
    startSkew: () => {
      close();
      if (skewsMs.length === 0) return null;
      const sorted = skewsMs.toSorted((a, b) => a - b);
      const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      return { pairs: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
    },
  };
}
