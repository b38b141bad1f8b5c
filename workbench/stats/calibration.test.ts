import { describe, expect, test } from "vitest";
import { binomialDraw } from "./binomial-draw.ts";
import { judgedRate } from "./judged-rate.ts";
import { seeded } from "./random.ts";
import { coverageCells, coverageOf, simulationError } from "./testing/coverage-cells.ts";
import { ok } from "./testing/ok.ts";
import { falseGoCells, falseGoOf } from "./testing/false-go-cells.ts";
import { groupCells, sequenceCell } from "./testing/look-cells.ts";
import { planningCells } from "./testing/planning-cells.ts";
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

describe("planning keeps its promise (smoke)", () => {
  for (const cell of planningCells) {
    test(`${cell.group}: ${cell.name}`, () => {
      const share = cell.decided(seeded(cell.name), SIMULATIONS);
      expect(share).toBeGreaterThan(cell.atLeast - 3 * simulationError(cell.atLeast, SIMULATIONS / 2));
    });
  }
});

describe("looking again and again (smoke)", () => {
  for (const cell of groupCells) {
    test(cell.name, () => {
      const share = cell.alarms(seeded(cell.name), 4 * SIMULATIONS);
      expect(share).toBeLessThan(cell.atMost + 3 * simulationError(cell.atMost, 4 * SIMULATIONS));
    });
  }

  test("a confidence sequence survives 2,000 looks", () => {
    const share = sequenceCell(2_000).alarms(seeded("sequence"), 150);
    expect(share).toBeLessThan(0.05 + 3 * simulationError(0.05, 150));
  });
});
