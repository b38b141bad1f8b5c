import type { Effects } from "../store/effects.ts";

/** How a call went, as far as it says something about how much the endpoint bears. */
export type Outcome = "clean" | "push-back" | "trouble" | "silent";

/** Bounds the calls in flight of one group. */
export interface Limiter {
  readonly acquire: () => Promise<void>;
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
    acquire: async () => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
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
