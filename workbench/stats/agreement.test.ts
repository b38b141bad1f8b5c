import { describe, expect, test } from "vitest";
import golden from "../../scripts/golden/agreement.json" with { type: "json" };
import { betaComparison } from "./beta-binomial.ts";
import { bradleyTerry, type Comparison } from "./bradley-terry.ts";
import { cohenKappa, type TwoRaters } from "./cohen-kappa.ts";
import { fleissKappa } from "./fleiss-kappa.ts";
import { judgedDifference, judgedRate } from "./judged-rate.ts";
import { krippendorffAlpha } from "./krippendorff.ts";
import { expectClose, reasonOf } from "./testing/expect-close.ts";
import { ok } from "./testing/ok.ts";

/** Two raters' labels that give a table of counts. */
function ratersOf(table: readonly (readonly number[])[]): TwoRaters {
  const cells = table.flatMap((row, i) =>
    row.flatMap((count, j) => Array.from({ length: count }, () => [i, j])),
  );
  return { first: cells.map(([i]) => i as number), second: cells.map(([, j]) => j as number) };
}

describe("agreement", () => {
  test("Cohen's κ and its standard error agree with statsmodels, weighted too", () => {
    for (const { table, weights, kappa, se } of golden.cohenKappa) {
      const got = ok(cohenKappa({ ...ratersOf(table), weights: weights as "none" }, 0.025));
      expectClose(got.estimate, kappa);
      expectClose(got.standardError, se);
    }
  });

  test("perfect agreement on few items is not proof of a good judge", () => {
    const labels = [0, 1, 0, 1, 1];
    const few = ok(cohenKappa({ first: labels, second: labels }, 0.025));
    expect(few.estimate).toBe(1);
    expect(few.lower).toBeLessThan(0.6);
    const many = Array.from({ length: 200 }, (_, i) => i % 2);
    expect(ok(cohenKappa({ first: many, second: many }, 0.025)).lower).toBeGreaterThan(0.9);
  });

  test("Fleiss' κ on his own table", () => {
    expectClose(ok(fleissKappa(golden.fleiss.table)).estimate, golden.fleiss.kappa);
    expect(golden.fleiss.kappa.toFixed(3)).toBe("0.210");
  });

  test("Krippendorff's own example, four scales", () => {
    const _ = null;
    const raters = [
      [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
      [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
      [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
      [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ];
    const units = (raters[0] ?? []).map((_value, item) => raters.map((rater) => rater[item] ?? null));
    const alphas = (["nominal", "ordinal", "interval", "ratio"] as const).map((scale) =>
      ok(krippendorffAlpha(units, scale)).estimate.toFixed(3),
    );
    expect(alphas).toEqual(["0.743", "0.815", "0.849", "0.797"]);
  });
});

describe("judge correction", () => {
  const arm = (events: number, se: number, sp: number) => ({
    judged: { events, trials: 100 },
    sensitivity: { events: se, trials: 50 },
    specificity: { events: sp, trials: 50 },
  });

  test("the point is Rogan–Gladen's, and the interval is wider than without judge error", () => {
    const got = ok(judgedRate(arm(60, 45, 40), 0.025));
    expectClose(got.estimate, 0.4 / 0.7, 1e-12);
    expect(got.upper - got.lower).toBeGreaterThan(0.2);
    expect(ok(judgedRate(arm(60, 50, 50), 0.025)).standardError).toBeGreaterThan(0.049);
  });

  test("a coin is refused", () => {
    expect(reasonOf(judgedRate(arm(60, 25, 25), 0.025))).toContain("at most 1");
  });

  test("the difference brackets the corrected difference", () => {
    const got = ok(judgedDifference(arm(50, 45, 45), arm(60, 45, 45), 0.025));
    expectClose(got.estimate, 0.125, 1e-12);
    expect(got.lower).toBeLessThan(0.125);
    expect(got.upper).toBeGreaterThan(0.125);
  });
});

describe("strengths and posteriors", () => {
  test("Bradley–Terry agrees with a logistic regression", () => {
    for (const { wins, strength, se } of golden.bradleyTerry) {
      const got = ok(bradleyTerry(comparisonsOf(wins)));
      got.models.forEach(({ model, ...fit }) => {
        expectClose(fit.strength, strength[Number(model)] as number);
        expectClose(fit.standardError, se[Number(model)] as number, 1e-8);
        expect(fit.robustError).toBeNull();
      });
    }
  });

  test("repeating every prompt twice leaves the robust error and shrinks the naive one", () => {
    const once = Array.from({ length: 40 }, (_, i) => ({
      first: "a",
      second: "b",
      score: i % 3 ? 1 : 0,
      prompt: `${i}`,
    }));
    const [single, twice] = [ok(bradleyTerry(once)), ok(bradleyTerry([...once, ...once]))];
    expectClose(twice.models[1]?.robustError ?? NaN, single.models[1]?.robustError ?? 0, 1e-9);
    expect(twice.models[1]?.standardError).toBeLessThan(0.8 * (single.models[1]?.standardError ?? 0));
  });

  test("a model that never wins is refused", () => {
    const reason = reasonOf(bradleyTerry([{ first: "a", second: "b", score: 1 }]));
    expect(reason).toContain("never win");
  });

  test("beta-binomial chance and loss agree with mpmath quadrature", () => {
    for (const [xa = 0, na = 0, xb = 0, nb = 0, better = 0, loss = 0] of golden.betaBinomial) {
      const got = ok(betaComparison({ events: xa, trials: na }, { events: xb, trials: nb }));
      expectClose(got.chanceBetter, better);
      expectClose(got.expectedLoss, loss);
    }
  });
});

/** One comparison a whole win, and a half-scored one for a half win on both sides (a tie). */
function comparisonsOf(wins: readonly (readonly number[])[]): Comparison[] {
  const games: Comparison[] = [];
  wins.forEach((row, i) => {
    row.forEach((count, j) => {
      for (let win = 0; win < Math.floor(count); win++)
        games.push({ first: `${i}`, second: `${j}`, score: 1 });
      if (i < j && count % 1 !== 0) games.push({ first: `${i}`, second: `${j}`, score: 0.5 });
    });
  });
  return games;
}
