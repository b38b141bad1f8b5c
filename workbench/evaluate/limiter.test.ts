import { expect, test } from "vitest";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { makeLimiter, type Limiter } from "./limiter.ts";

/** A clock that only moves when somebody sleeps or the test says so. */
function clock(): { effects: Effects; pass: (ms: number) => void; slept: () => number } {
  let [now, slept] = [0, 0];
  const pass = (ms: number): void => {
    now += ms;
  };
  const sleep = async (ms: number): Promise<void> => {
    slept += ms;
    pass(ms);
  };
  return { effects: { ...realEffects, monotonicMs: () => now, sleep }, pass, slept: () => slept };
}

const ignore = (): undefined => undefined;

/** One round: as many calls as the limit allows, all clean. */
async function cleanRound(limiter: Limiter): Promise<void> {
  const many = limiter.limit();
  for (let i = 0; i < many; i++) await limiter.acquire();
  for (let i = 0; i < many; i++) {
    limiter.learn("clean");
    limiter.release();
  }
}

test("doubles per clean round until the first push-back, then grows by a twentieth", async () => {
  const { effects, pass } = clock();
  const limiter = makeLimiter(null, ignore, effects);
  const seen = [limiter.limit()];
  for (let round = 0; round < 3; round++) {
    await cleanRound(limiter);
    seen.push(limiter.limit());
  }
  limiter.learn("push-back");
  seen.push(limiter.limit());
  limiter.learn("push-back"); // the same episode
  seen.push(limiter.limit());
  pass(15_001);
  limiter.learn("push-back");
  seen.push(limiter.limit());
  await cleanRound(limiter);
  await cleanRound(limiter);
  seen.push(limiter.limit());
  expect(seen).toEqual([16, 32, 64, 128, 102, 102, 81, 89]);
});

test("an endpoint that is not used to four fifths of the limit teaches nothing about more", async () => {
  const { effects } = clock();
  const limiter = makeLimiter(null, ignore, effects);
  for (let i = 0; i < 100; i++) {
    await limiter.acquire();
    limiter.learn("clean");
    limiter.release();
  }
  expect(limiter.limit()).toBe(16);
});

test("nothing starts before Retry-After is over", async () => {
  const { effects, slept } = clock();
  const limiter = makeLimiter(null, ignore, effects);
  limiter.learn("push-back", 7000);
  await limiter.acquire();
  expect(slept()).toBe(7000);
});

test("a given number stays, and is never passed", async () => {
  const { effects } = clock();
  const limiter = makeLimiter(2, ignore, effects);
  let running = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    await limiter.acquire();
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    limiter.learn("push-back");
    limiter.release();
  };
  await Promise.all(Array.from({ length: 50 }, work));
  expect([limiter.limit(), most, running]).toEqual([2, 2, 0]);
});

test("waiters are served in the order they came", async () => {
  const { effects } = clock();
  const limiter = makeLimiter(1, ignore, effects);
  const order: number[] = [];
  await Promise.all(
    [1, 2, 3].map(async (n) => {
      await limiter.acquire();
      order.push(n);
      limiter.release();
    }),
  );
  expect(order).toEqual([1, 2, 3]);
});

test("a Retry-After of years holds the run up for five minutes, not for good", async () => {
  const { effects, slept } = clock();
  const limiter = makeLimiter(4, ignore, effects);
  limiter.learn("push-back", 1e12);
  await limiter.acquire();
  expect(slept()).toBe(300_000);
});
