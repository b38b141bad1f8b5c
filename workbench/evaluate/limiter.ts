import type { Effects } from "../store/effects.ts";

/** How a call went, as far as it says something about how much the endpoint bears. */
export type Outcome = "clean" | "push-back" | "trouble" | "silent";

/** Bounds the calls in flight of one group. */
export interface Limiter {
  /** Waits for a place; `first` goes before those that wait already: a sample that has begun shall end. */
  readonly acquire: (first?: boolean) => Promise<void>;
  readonly release: () => void;
  /** Tells how a call went; `retryAfterMs` is what the endpoint asked for. */
  readonly learn: (outcome: Outcome, retryAfterMs?: number | null) => void;
  readonly limit: () => number;
}

const START = 16;
const MOST = 2048;
const EPISODE_MS = 15_000;
/** An endpoint that asks for longer is asked again then: no reply may stop a run for good. */
const LONGEST_PAUSE_MS = 300_000;

/**
 * A fixed number where one is given. Else additive increase, multiplicative decrease: from 16, double
 * after each clean round until the first push-back (429, 503, 529), then + 5 % (≥ 1) per clean round
 * in which 80 % of the limit was used; × 0.8 once per 15 s of push-back, and nothing starts before
 * `Retry-After` is over, or five minutes. Other 5xx and time-outs only end the round. Source: TCP's AIMD (RFC 5681).
 */
export function makeLimiter(
  fixed: number | null,
  changed: (limit: number, why: string) => void,
  effects: Effects,
): Limiter {
  let limit = fixed ?? START;
  let [inFlight, most, cleanRun] = [0, 0, 0];
  let [pushedBack, episodeEnds, resumeAt] = [false, 0, 0];
  const waiting: (() => void)[] = [];

  const admit = (): void => {
    while (waiting.length > 0 && inFlight < limit) {
      inFlight++;
      most = Math.max(most, inFlight);
      waiting.shift()?.();
    }
  };
  const set = (next: number, why: string): void => {
    if (fixed !== null || next === limit) return;
    limit = next;
    changed(limit, why);
    admit();
  };
  const grow = (): void => {
    if (++cleanRun < limit) return;
    if (most >= 0.8 * limit)
      set(
        Math.min(MOST, pushedBack ? limit + Math.max(1, Math.floor(limit * 0.05)) : limit * 2),
        "clean round",
      );
    [cleanRun, most] = [0, inFlight];
  };
  const shrink = (askedMs: number | null): void => {
    const retryAfterMs = askedMs === null ? null : Math.min(askedMs, LONGEST_PAUSE_MS);
    const now = effects.monotonicMs();
    [pushedBack, cleanRun] = [true, 0];
    if (retryAfterMs !== null) resumeAt = Math.max(resumeAt, now + retryAfterMs);
    if (now < episodeEnds) return;
    episodeEnds = now + Math.max(EPISODE_MS, retryAfterMs ?? 0);
    set(Math.max(1, Math.floor(limit * 0.8)), "push-back");
  };
  return {
    acquire: async (first = false) => {
      await new Promise<void>((resolve) => {
        if (first) waiting.unshift(resolve);
        else waiting.push(resolve);
        admit();
      });
      for (let wait = resumeAt - effects.monotonicMs(); wait > 0; wait = resumeAt - effects.monotonicMs())
        await effects.sleep(wait);
    },
    release: () => {
      inFlight--;
      admit();
    },
    learn: (outcome, retryAfterMs = null) => {
      if (outcome === "clean") grow();
      else if (outcome === "push-back") shrink(retryAfterMs);
      else if (outcome === "trouble") cleanRun = 0;
    },
    limit: () => limit,
  };
}

/** The places that one sample's calls take. The first is taken before the sample begins. */
export interface Slots {
  readonly take: () => Promise<void>;
  /** The reply is stored: the place is another call's, while this answer is scored and written. */
  readonly give: () => void;
  /** The call failed: the place stays with the sample, whose failure may end the run. */
  readonly keep: () => void;
  /** Gives back what is kept. */
  readonly end: () => void;
}

/** Slots of a sample for which a place was acquired already. */
export function makeSlots(limiter: Limiter): Slots {
  let kept = 1;
  return {
    take: async () => {
      if (kept > 0) kept--;
      else await limiter.acquire(true);
    },
    give: limiter.release,
    keep: () => {
      kept++;
    },
    end: () => {
      for (; kept > 0; kept--) limiter.release();
    },
  };
}
