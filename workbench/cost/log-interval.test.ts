import { expect, it } from "vitest";
import { seeded, type Random } from "../stats/random.ts";
import { isRefused } from "../stats/refused.ts";
import { monthFromLogs } from "./log-interval.ts";

/** A window of logs: a Poisson number of users, each with a geometric number of requests of lognormal cost. */
function window(users: number, random: Random): number[] {
  const normal = (): number => {
    const u = Math.max(1e-300, random.uniform());
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random.uniform());
  };
  const count = Math.max(0, Math.round(users + Math.sqrt(users) * normal()));
  return Array.from({ length: count }, () => {
    const requests = 1 + Math.floor(Math.log(Math.max(1e-300, random.uniform())) / Math.log(0.8));
    let usd = 0;
    for (let i = 0; i < requests; i++) usd += 0.002 * Math.exp(0.9 * normal());
    return usd;
  });
}

it("covers a later week, scaled to a month, in 95 ± 2 % of simulated pairs of windows", () => {
  const isFull = process.env["WB_TEST_DEPTH"] === "full";
  const pairs = isFull ? 3000 : 300;
  const random = seeded(process.env["WB_SEED"] ?? "later weeks");
  let covered = 0;
  for (let i = 0; i < pairs; i++) {
    const found = monthFromLogs(
      { usdByUser: window(120, random), days: 7 },
      { laterDays: 7, level: 0.95, seed: i, replicates: isFull ? 1000 : 300 },
    );
    if (isRefused(found)) throw new Error(found.reason);
    const later = (window(120, random).reduce((a, b) => a + b, 0) / 7) * (365 / 12);
    if (later >= found.lower && later <= found.upper) covered++;
  }
  // 2 points are what is promised; the rest is the error of a simulation of this length.
  const slack = 0.02 + (!isFull ? Math.sqrt((0.95 * 0.05) / pairs) : 0);
  expect(Math.abs(covered / pairs - 0.95), `${covered} of ${pairs}`).toBeLessThanOrEqual(slack);
});

it("is wider where a few users spend most, and refuses what cannot be told", () => {
  const plan = { laterDays: 7, level: 0.95, seed: 1 };
  const width = (usdByUser: readonly number[]): number => {
    const found = monthFromLogs({ usdByUser, days: 7 }, plan);
    return isRefused(found) ? NaN : (found.upper - found.lower) / found.usdPerMonth;
  };
  const even = Array.from({ length: 100 }, () => 1);
  const uneven = even.map((_, i) => (i < 5 ? 19 : 0.05));
  expect(width(uneven)).toBeGreaterThan(2 * width(even));
  expect(isRefused(monthFromLogs({ usdByUser: [1, 2, 3], days: 7 }, plan))).toBe(true);
  expect(isRefused(monthFromLogs({ usdByUser: even.map(() => 0), days: 7 }, plan))).toBe(true);
  expect(isRefused(monthFromLogs({ usdByUser: even, days: 0 }, plan))).toBe(true);
});
