import type { Effects } from "../store/effects.ts";

/** One step of a composition, as it is told and as it is reported. */
export interface StepReport {
  readonly name: string;
  readonly seconds: number;
  /** True when everything was there already and only checked. */
  readonly reused: boolean;
  readonly detail: string;
}

/** Whoever watches a composition: a step begins, moves, ends. */
export interface Watcher {
  readonly begin: (name: string) => void;
  readonly move: (done: number, total: number | null, note: string) => void;
  readonly end: (step: StepReport) => void;
}

export const UNWATCHED: Watcher = { begin: () => undefined, move: () => undefined, end: () => undefined };

/** What the work of a step hands back beside its own result. */
export interface StepOutcome<T> {
  readonly value: T;
  readonly reused: boolean;
  readonly detail: string;
}

/** Runs steps one after the other and keeps their times; a step that throws ends the composition. */
export function stepper(
  watcher: Watcher,
  effects: Effects,
): {
  readonly step: <T>(name: string, work: () => Promise<StepOutcome<T>>) => Promise<T>;
  readonly reports: readonly StepReport[];
} {
  const reports: StepReport[] = [];
  return {
    reports,
    step: async (name, work) => {
      const start = effects.monotonicMs();
      watcher.begin(name);
      const { value, reused, detail } = await work();
      const report = { name, seconds: (effects.monotonicMs() - start) / 1000, reused, detail };
      reports.push(report);
      watcher.end(report);
      return value;
    },
  };
}
