import { expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import type { LiveArm } from "./arm.ts";
import { ask, makeRetryBudget, type Desk, type Question } from "./ask.ts";
import { makeLimiter } from "./limiter.ts";

test("a sample whose time is over begins no call: its answer would be paid for and thrown away", async () => {
  let calls = 0;
  const client = {
    origin: "http://127.0.0.1:1",
    chat: () => {
      calls++;
      return Promise.reject(new Error("asked"));
    },
    models: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
  const arm: LiveArm = {
    kind: "live",
    name: "baseline",
    model: "model",
    run: null,
    client,
    requestModel: "model",
    identity: "fake",
    group: "fake",
    concurrency: 1,
    costOf: () => null,
    prices: null,
  };
  const settled: (number | null)[] = [];
  const reservation = {
    settle: (usd: number | null) => {
      settled.push(usd);
      return Promise.resolve();
    },
    fail: () => Promise.resolve(),
  };
  const desk: Desk = {
    responses: { get: () => Promise.resolve(null), put: () => Promise.resolve(), count: 0 },
    retries: makeRetryBudget(),
    useStored: true,
    budget: {
      reserve: () => Promise.resolve(reservation),
      reserveForJudge: () => Promise.resolve(reservation),
      recall: () => undefined,
      stopped: () => null,
    },
    effects: realEffects,
  };
  const question = (giveUpAtMs: number): Question => ({
    arm,
    request: { messages: [{ role: "user", content: "hi" }] },
    epoch: 1,
    repeat: 0,
    giveUpAtMs,
    limiter: makeLimiter(1, () => undefined, realEffects),
  });
  const now = realEffects.monotonicMs();
  await expect(ask(question(now), desk)).rejects.toMatchObject({ kind: "timeout" });
  // Its share of the budget is free again.
  expect([calls, settled]).toEqual([0, [0]]);
  await expect(ask(question(now + 60_000), desk)).rejects.toThrow("asked");
  expect([calls, settled]).toEqual([1, [0]]);
});
