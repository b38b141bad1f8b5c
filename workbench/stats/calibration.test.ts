import { describe, expect, test } from "vitest";
import { binomialDraw } from "./binomial-draw.ts";
import { confidenceSequence } from "./confidence-sequence.ts";
import { judgedRate } from "./judged-rate.ts";
import { nNeeded } from "./n-needed.ts";
import { pairedBinaryVariance } from "./planning-variance.ts";
import { unitsNeeded } from "./power.ts";
import { seeded } from "./random.ts";
import { tangoInterval, tangoTest } from "./tango.ts";
import { coverageCells, coverageOf, simulationError } from "./testing/coverage-cells.ts";
import { normalDraw, pairedDraw } from "./testing/draws.ts";
import { ok } from "./testing/expect-close.ts";
import { falseGoCells, falseGoOf } from "./testing/false-go-cells.ts";
import { wilson } from "./wilson.ts";

// A smoke test with few simulations: the grid itself runs in scripts/calibrate.ts.
const SIMULATIONS = 1500;
const SMOKE = [
  "tango n 100 discordance 0.2 effect 0.05",
  "tango n 300 discordance 0.1 effect 0",
  "paired t n 100 even",
  "clustered t C 10 icc 0.3",
  "clustered t C 20 icc 0.05",
  "order statistic n 200",
  "delta ratio users 50 spread 0.35",
  "newcombe n 100 rate 0.85",
];

describe("95 % intervals hold the truth (smoke)", () => {
  for (const name of SMOKE) {
    test(name, () => {
      const cell = coverageCells.find((candidate) => candidate.name === name);
      if (!cell) throw new Error(`no such cell: ${name}`);
      const { share } = coverageOf(cell, seeded(name), SIMULATIONS);
      expect(share).toBeGreaterThan(0.94 - 3 * simulationError(0.95, SIMULATIONS));
      expect(share).toBeLessThan(0.97 + 3 * simulationError(0.95, SIMULATIONS));
    });
  }

  test("Wilson, averaged over rates", () => {
    const random = seeded("wilson");
    let held = 0;
    for (let i = 0; i < 4000; i++) {
      const rate = 0.05 + 0.9 * random.uniform();
      const { lower, upper } = ok(wilson(binomialDraw(random, 60, rate), 60, 0.025));
      if (lower <= rate && rate <= upper) held++;
    }
    expect(Math.abs(held / 4000 - 0.952)).toBeLessThan(0.012);
  });

  test("judge correction: the Lang–Reiczigel interval holds the true rate", () => {
    const random = seeded("judge");
    let held = 0;
    for (let i = 0; i < SIMULATIONS; i++) {
      const result = judgedRate(
        {
          judged: { events: binomialDraw(random, 300, 0.4 * 0.9 + 0.6 * 0.15), trials: 300 },
          sensitivity: { events: binomialDraw(random, 60, 0.9), trials: 60 },
          specificity: { events: binomialDraw(random, 60, 0.85), trials: 60 },
        },
        0.025,
      );
      if (result.kind === "estimate" && result.lower <= 0.4 && 0.4 <= result.upper) held++;
    }
    expect(held / SIMULATIONS).toBeGreaterThan(0.93);
  });
});

describe("false go at the margin stays at alpha (smoke)", () => {
  const cells = falseGoCells.filter(({ name }) => /n 100,|C 10,|n 300, log|mcnemar|tango at 0/.test(name));
  test("the selection is not empty", () => {
    expect(cells.length).toBeGreaterThanOrEqual(6);
  });
  for (const cell of cells) {
    test(cell.name, () => {
      const share = falseGoOf(cell, seeded(cell.name), { simulations: SIMULATIONS, alpha: 0.025 });
      expect(share).toBeLessThan(0.027 + 3 * simulationError(0.025, SIMULATIONS));
    });
  }
});

describe("planning keeps its promise", () => {
  const truth = { baseline: 0.8, discordance: 0.2, effect: 0 };
  const question = { alpha: 0.025, power: 0.9 };

  test("the planned n has the planned power, within 2 points", () => {
    const random = seeded("power");
    const n = ok(unitsNeeded({ ...question, variance: pairedBinaryVariance(0.2, 0), distance: 0.05 }));
    let shown = 0;
    for (let i = 0; i < 3000; i++) {
      if (ok(tangoTest(pairedDraw(random, { ...truth, n }), -0.05)).pGreater <= 0.025) shown++;
    }
    expect(Math.abs(shown / 3000 - 0.9)).toBeLessThan(0.02 + 3 * simulationError(0.9, 3000));
  });

  test("reaching the n that was asked for decides at least 85 % of the time", () => {
    const random = seeded("n needed");
    let [asked, decided] = [0, 0];
    for (let i = 0; i < 1200; i++) {
      const first = pairedDraw(random, { ...truth, n: 250 });
      const now = ok(tangoInterval(first, 0.025));
      if (now.lower > -0.05 || now.upper < -0.05) continue;
      const halfWidth = (now.upper - now.lower) / 2;
      const standing = { ...question, n: 250, estimate: now.estimate, halfWidth, margin: 0.05 };
      const { shrunk } = ok(nNeeded({ ...standing, planned: { n: 841, effect: 0 } }));
      if (typeof shrunk !== "number") continue;
      asked++;
      const more = pairedDraw(random, { ...truth, n: Math.max(0, shrunk - 250) });
      const all = {
        both: first.both + more.both,
        neither: first.neither + more.neither,
        baselineOnly: first.baselineOnly + more.baselineOnly,
        candidateOnly: first.candidateOnly + more.candidateOnly,
      };
      if (ok(tangoInterval(all, 0.025)).lower > -0.05) decided++;
    }
    expect(asked).toBeGreaterThan(500);
    expect(decided / asked).toBeGreaterThan(0.85 - 3 * simulationError(0.85, asked));
  });
});

test("a confidence sequence survives looking 2,000 times", () => {
  const random = seeded("sequence");
  let wrong = 0;
  for (let run = 0; run < 150; run++) {
    let [n, mean, squares, missed] = [0, 0, 0, false];
    while (n < 2000 && !missed) {
      const value = normalDraw(random);
      n++;
      const step = value - mean;
      mean += step / n;
      squares += step * (value - mean);
      if (n < 30) continue;
      const look = { n, mean, deviation: Math.sqrt(squares / (n - 1)) };
      const { lower, upper } = ok(confidenceSequence(look, { alpha: 0.025, tightAt: 1000 }));
      missed = lower > 0 || upper < 0;
    }
    if (missed) wrong++;
  }
  expect(wrong / 150).toBeLessThan(0.05 + 3 * simulationError(0.05, 150));
});
