import { expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import type { OpenArm } from "./arm.ts";
import { runLanes } from "./lanes.ts";
import type { Job, Plan } from "./plan.ts";

const SAMPLES = 200;

const armOf = (name: string): OpenArm => ({
  kind: "live",
  name,
  model: name,
  run: null,
  client: {
    origin: "http://127.0.0.1:1",
    chat: () => Promise.reject(new Error("asked")),
    models: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  },
  requestModel: name,
  identity: name,
  group: name,
  concurrency: 4,
  costOf: () => null,
  prices: null,
  sha256: name,
  lookup: null,
});

async function* samples(): AsyncIterable<{ readonly id: string }> {
  for (let i = 0; i < SAMPLES; i++) yield await Promise.resolve({ id: String(i) });
}

/** Only what lanes look at. */
const plan = {
  suite: { seed: 1, epochs: 1, scorers: [], truncated: "scored" },
  items: { all: samples },
  arms: [armOf("one"), armOf("two"), armOf("three")],
  contaminated: new Set(),
} as unknown as Plan;

test.each([
  [20, 60, 0],
  [20, 60, 100],
  [100, 60, 20],
  [0, 150, SAMPLES],
])("lanes that stopped at %i, %i and %i go on to the end", async (...doneBefore) => {
  // A key says nothing; what was done before is known by arm and sample.
  const done = new Set<string>();
  await runLanes(
    plan,
    { isDone: () => false, perform: (job) => note(job, done), limitChanged: () => undefined, isStopped },
    realEffects,
  );
  expect(done.size).toBe(3 * SAMPLES);
  const keys = [...done];
  const before = new Set(
    plan.arms.flatMap(({ name }, i) =>
      keys.filter((key) => key.startsWith(`${name} `) && Number(key.split(" ")[1]) < (doneBefore[i] ?? 0)),
    ),
  );
  const keyed = new Set([...before].map((key) => key.split(" ")[2]));
  const now = new Set<string>();
  await Promise.race([
    runLanes(
      plan,
      {
        isDone: (key) => keyed.has(key),
        perform: (job) => note(job, now),
        limitChanged: () => undefined,
        isStopped,
      },
      realEffects,
    ),
    realEffects.sleep(3000),
  ]);
  expect(now.size).toBe(3 * SAMPLES - before.size);
});

const isStopped = (): boolean => false;

async function note({ arm, sample, key }: Job, into: Set<string>): Promise<void> {
  await Promise.resolve();
  into.add(`${arm.name} ${sample.id} ${key}`);
}
