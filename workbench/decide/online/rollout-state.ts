import { RolloutData } from "../../schema/experiment.ts";
import type { LogRow } from "../../schema/registry.ts";

/** Where a ramp stands: the fold of its rows, never stored. */
export interface RolloutState {
  readonly percent: number;
  /** When the present percentage began; null before the start. */
  readonly since: string | null;
  readonly startedAt: string | null;
  /** Taken back or stopped: it never rises again. */
  readonly isBack: boolean;
  readonly isComplete: boolean;
  /** Passed checks of the last step, and when the last one was. */
  readonly checks: number;
  readonly checkedAt: string | null;
  /** Why it was held last, until it moves. */
  readonly held: string | null;
  /** Rows so far: the next row's number, so that two controllers cannot take one step twice. */
  readonly rows: number;
}

/** The state of an experiment's ramp from the log alone: a controller that died resumes in the same stage. */
export function rolloutState(log: readonly LogRow[], experiment: string): RolloutState {
  const start: RolloutState = {
    percent: 0,
    since: null,
    startedAt: null,
    isBack: false,
    isComplete: false,
    checks: 0,
    checkedAt: null,
    held: null,
    rows: 0,
  };
  return log
    .filter((row) => row.kind === "rollout.stage" && row.data["experiment"] === experiment)
    .reduce((state, row) => after(state, RolloutData.parse(row.data), row.at), start);
}

function after(state: RolloutState, { move, percent, reason }: RolloutData, at: string): RolloutState {
  const next = { ...state, rows: state.rows + 1 };
  if (move === "hold") return { ...next, held: reason };
  if (move === "check") return { ...next, checks: state.checks + 1, checkedAt: at, held: null };
  const moved = { ...next, percent, since: at, checks: 0, checkedAt: null, held: null };
  if (move === "start") return { ...moved, startedAt: at };
  if (move === "advance") return moved;
  if (move === "complete") return { ...moved, isComplete: true };
  return { ...moved, isBack: true };
}
