import type { SampleRow } from "../schema/run.ts";

/** Rows that count: those of samples which every arm has answered in every epoch. */
export interface CompleteFilter {
  readonly visit: (row: SampleRow) => void;
  /** Hands on the last sample, and tells what was left out. */
  readonly end: () => LeftOut;
}

/** Rows of samples that a stopped run did not finish: written, but in no figure. */
export interface LeftOut {
  readonly samples: number;
  readonly done: number;
  readonly failed: number;
}

/**
 * Lets through the rows of complete samples only, so that a run which ended early compares its arms
 * on the same samples. Rows of one sample must follow each other. A run that was not stopped loses none.
 */
export function completeSamples(rowsOfSample: number, visit: (row: SampleRow) => void): CompleteFilter {
  let rows: SampleRow[] = [];
  const left = { samples: 0, done: 0, failed: 0 };
  const close = (): void => {
    if (rows.length === rowsOfSample) rows.forEach(visit);
    else if (rows.length > 0) {
      left.samples++;
      for (const { status } of rows) {
        if (status === "scored") left.done++;
        if (status === "failed") left.failed++;
      }
    }
    rows = [];
  };
  return {
    visit: (row) => {
      if (rows[0] && rows[0].sampleId !== row.sampleId) close();
      rows.push(row);
    },
    end: () => {
      close();
      return left;
    },
  };
}
