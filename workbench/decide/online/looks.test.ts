import { describe, expect, test } from "vitest";
import { Policy } from "../../schema/policy.ts";
import { normalUpperQuantile } from "../../stats/distribution.ts";
import { seeded } from "../../stats/random.ts";
import { isRefused } from "../../stats/refused.ts";
import { levelAt, planLook, type Look, type TakenLook } from "./looks.ts";

const policy = (looks: object, online: object = {}): Policy =>
  Policy.parse({
    schema: "workbench/policy@1",
    name: "looks",
    question: "Is it better?",
    primary: { metric: "success", claim: "superior" },
    online: { minUnits: 1000, minDays: 7, ...online },
    looks,
  });
const at = (units: number, days = 7) => ({ units, total: 2 * units, days });
const level = (look: Look, rules: Policy, alpha = 0.025): number => {
  const found = levelAt(look, rules, alpha);
  if (isRefused(found)) throw new Error(found.reason);
  return found;
};
const gs = (max: number, spending = "obrien-fleming"): Policy =>
  policy({ plan: "group-sequential", spending, max });

describe("which looks are planned", () => {
  test("a fixed plan: once, complete; 60 % of it is closed, and so is a second look", () => {
    const rules = policy({ plan: "fixed" });
    expect(planLook(rules, [], at(600)).closed).toContain("complete (1000 units");
    expect(planLook(rules, [], at(1000, 6.9)).closed).not.toBeNull();
    const done = planLook(rules, [], at(1000));
    expect(done).toMatchObject({ closed: null, early: null, isFinal: true, spent: 1 });
    expect(planLook(rules, [done], at(1200)).closed).toContain("look 1");
    expect(level(done, rules)).toBe(0.025);
  });

  test("group-sequential: at each declared share, not before and not more often", () => {
    const rules = gs(3);
    expect(planLook(rules, [], at(300)).closed).toContain("at 334 units");
    const first = planLook(rules, [], at(400, 2));
    expect(first).toMatchObject({ closed: null, number: 1, spent: 1 / 3, isFinal: false });
    expect(first.early).toContain("400 of 1000 units");
    expect(planLook(rules, [first], at(500)).closed).toContain("at 667 units");
    const last = planLook(rules, [first], at(1500));
    expect(last).toMatchObject({ closed: null, isFinal: true, spent: 1, number: 2 });
    // Enough units, but not the declared days: the last look waits for them.
    const second = planLook(rules, [first], at(1500, 3));
    expect(second).toMatchObject({ closed: null, isFinal: false, spent: 2 / 3 });
    expect(planLook(rules, [first, second], at(1500, 4)).closed).not.toBeNull();
  });

  test("a sequence is always open, a hybrid too, and only time and units allow a go", () => {
    for (const plan of ["confidence-sequence", "hybrid"]) {
      const look = planLook(policy({ plan }), [], at(60, 1));
      expect(look.closed).toBeNull();
      expect(look.early).toContain("1.0 of 7 days");
    }
    expect(planLook(policy({ plan: "hybrid" }), [], at(1000))).toMatchObject({ isFinal: true, early: null });
  });
});

test("levels are those of the published bounds", () => {
  const rules = gs(2);
  const first = planLook(rules, [], at(500));
  expect(normalUpperQuantile(level(first, rules))).toBeCloseTo(2.9626, 4);
  expect(normalUpperQuantile(level(planLook(rules, [first], at(1000)), rules))).toBeCloseTo(1.9686, 4);
  const sequence = policy({ plan: "confidence-sequence" }, { minUnits: 500 });
  // Half-width 0.0960 at n 1000, SD 1, tight at 1000: z = 0.0960·√1000.
  expect(normalUpperQuantile(level(planLook(sequence, [], at(500)), sequence))).toBeCloseTo(
    0.096 * Math.sqrt(1000),
    1,
  );
});

const isFull = process.env["WB_TEST_DEPTH"] === "full";
const RUNS = isFull ? 20_000 : 4_000;

/** How often a true null is ever rejected on the upper side, over all looks that the plan allows. */
function falseAlarms(rules: Policy, sizes: readonly number[], runs: number, seed: string): number {
  const random = seeded(seed);
  const taken: TakenLook[] = [];
  const levels = sizes.map((units) => {
    const look = planLook(rules, taken, at(units));
    if (look.closed !== null) throw new Error(look.closed);
    taken.push(look);
    return normalUpperQuantile(level(look, rules));
  });
  let alarms = 0;
  for (let run = 0; run < runs; run++) {
    let [sum, seen] = [0, 0];
    for (const [i, units] of sizes.entries()) {
      for (; seen < 2 * units; seen++) sum += random.uniform() < 0.5 ? 1 : -1;
      if (sum / Math.sqrt(seen) > (levels[i] as number)) {
        alarms++;
        break;
      }
    }
  }
  return alarms / runs;
}

const limit = (alpha: number, runs: number): number => alpha + 2.6 * Math.sqrt((alpha * (1 - alpha)) / runs);

describe("any-look false alarms stay at alpha", () => {
  test.each([
    ["O'Brien–Fleming, three looks", gs(3), [340, 700, 1000]],
    ["Pocock, three looks", gs(3, "pocock"), [340, 700, 1000]],
    ["five looks, late and uneven, the last beyond the plan", gs(5), [350, 420, 780, 800, 1300]],
    ["hybrid", policy({ plan: "hybrid" }), [100, 300, 600, 1000, 1100]],
  ])("%s", (_name, rules, sizes) => {
    expect(falseAlarms(rules, sizes, RUNS, "gs")).toBeLessThanOrEqual(limit(0.025, RUNS));
  });

  test("a confidence sequence over 10 000 looks", () => {
    const runs = isFull ? 2_000 : 250;
    const rules = policy({ plan: "confidence-sequence" });
    const levels: number[] = [];
    const most = 50 + 10_000;
    for (let units = 50; units < most; units++)
      levels.push(normalUpperQuantile(level(planLook(rules, [], at(units)), rules)));
    const random = seeded("sequence");
    let alarms = 0;
    for (let run = 0; run < runs; run++) {
      let sum = 0;
      for (let units = 1; units < most; units++) {
        sum += (random.uniform() < 0.5 ? 1 : -1) + (random.uniform() < 0.5 ? 1 : -1);
        if (units >= 50 && sum / Math.sqrt(2 * units) > (levels[units - 50] as number)) {
          alarms++;
          break;
        }
      }
    }
    expect(levels).toHaveLength(10_000);
    expect(alarms / runs).toBeLessThanOrEqual(limit(0.025, runs));
  });
});
