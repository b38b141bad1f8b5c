import type { Effects } from "../store/effects.ts";
import type { OpenArm } from "./arm.ts";
import { makeLimiter, makeSlots, type Limiter, type Slots } from "./limiter.ts";
import { jobsAsAsked, type Job, type Plan } from "./plan.ts";

/** The arms that share one limit, and how far they have come. */
interface Lane {
  readonly arms: readonly OpenArm[];
  readonly limiter: Limiter;
  /** Jobs started, per arm: comparable between lanes. */
  position: number;
  ended: boolean;
}

/** Where a job's calls wait, and whom they tell how they went. */
export interface Place {
  readonly limiter: Limiter;
  readonly slots: Slots;
}

export interface LaneWork {
  readonly isDone: (key: string) => boolean;
  /** Does a job to its terminal row. Whatever it throws stops the run. */
  readonly perform: (job: Job, place: Place) => Promise<void>;
  readonly limitChanged: (group: string, limit: number, why: string) => void;
  /** True once nothing more shall be started. */
  readonly isStopped: () => boolean;
}

/** Recorded answers only cost the write. */
const RECORDED_IN_FLIGHT = 64;
/** How many times its limit one lane may be ahead of the slowest. */
const DRIFT = 4;
/** Answers of a lane that may be scored or written beyond those it asks for: a slow judge holds no arm up. */
const BEING_SCORED = 256;

/**
 * Runs every job that is not done. Arms with one limit are asked in one stream, so that their calls
 * for a sample are neighbours; lanes drift apart by at most four times their limit, so that an
 * endpoint's bad hour hits both arms. Nothing exists per job but those in flight.
 */
export async function runLanes(plan: Plan, work: LaneWork, effects: Effects): Promise<void> {
  const groups = Map.groupBy(plan.arms, groupOf);
  const lanes: Lane[] = [...groups].map(([group, arms]) => ({
    arms,
    limiter: makeLimiter(limitOf(arms), (limit, why) => work.limitChanged(group, limit, why), effects),
    position: 0,
    ended: false,
  }));
  let failure: { readonly thrown: unknown } | null = null;
  const gate = makeGate(lanes);

  const runLane = async (lane: Lane): Promise<void> => {
    const active = new Set<Promise<void>>();
    let oneEnded = (): void => undefined;
    for await (const job of jobsAsAsked(plan, lane.arms)) {
      if (failure || work.isStopped()) break;
      lane.position += 1 / lane.arms.length;
      if (work.isDone(job.key)) continue;
      await gate.pass(lane);
      while (active.size >= BEING_SCORED + lane.limiter.limit())
        await new Promise<void>((resolve) => (oneEnded = resolve));
      await lane.limiter.acquire();
      if (hasFailed() || work.isStopped()) {
        lane.limiter.release();
        break;
      }
      const slots = makeSlots(lane.limiter);
      const done = work
        .perform(job, { limiter: lane.limiter, slots })
        .catch((thrown: unknown) => {
          failure ??= { thrown };
        })
        .finally(() => {
          slots.end();
          active.delete(done);
          oneEnded();
          gate.moved();
        });
      active.add(done);
    }
    await Promise.all(active);
    lane.ended = true;
    gate.moved();
  };
  const hasFailed = (): boolean => failure !== null;
  await Promise.all(lanes.map(runLane));
  const failed = failure as { readonly thrown: unknown } | null;
  if (failed) throw failed.thrown;
}

function groupOf(arm: OpenArm): string {
  return arm.kind === "live" ? arm.group : "recorded";
}

function limitOf(arms: readonly OpenArm[]): number | null {
  const limits = arms.map((arm) => (arm.kind === "live" ? arm.concurrency : RECORDED_IN_FLIGHT));
  const given = limits.filter((limit) => limit !== null);
  return given.length === 0 ? null : Math.min(...given);
}

/** Holds a lane back while it is too far ahead of another that still runs. */
function makeGate(lanes: readonly Lane[]): { pass: (lane: Lane) => Promise<void>; moved: () => void } {
  let waiting: (() => void)[] = [];
  const isAhead = (lane: Lane): boolean =>
    lanes.some(
      (other) =>
        other !== lane && !other.ended && lane.position - other.position > DRIFT * lane.limiter.limit(),
    );
  const moved = (): void => {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  return {
    pass: async (lane) => {
      // It came here over done jobs, which tell nobody: who waits for it looks again.
      moved();
      while (isAhead(lane)) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    moved,
  };
}
