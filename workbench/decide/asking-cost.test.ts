import { expect, test } from "vitest";
import { askingCost } from "./asking-cost.ts";
import { row } from "./testing/rows.ts";

const rows = [0, 1].flatMap((i) => [
  row(i, "baseline", { exact: 1 }, { costUsd: 0.01 }),
  row(i, "candidate", { exact: 1 }, { costUsd: 0.02, judgeCostUsd: 0.01 }),
]);

test("pairs cost what a sample cost in both arms, its judge included", () => {
  const cost = askingCost(rows, 500);
  expect(cost).toMatchObject({ samples: 2, pairs: 500 });
  expect(cost.kind === "asking-cost" ? cost.usd : 0).toBeCloseTo(20, 12);
});

test("one unknown price leaves the cost unknown; contaminated rows were not asked", () => {
  const blank = row(2, "candidate", { exact: 1 }, { costUsd: null });
  expect(askingCost([...rows, blank], 500)).toMatchObject({ kind: "refused" });
  const aside = row(2, "candidate", {}, { costUsd: null, status: "contaminated" });
  expect(askingCost([...rows, aside], 500)).toMatchObject({ samples: 2 });
  expect(askingCost([], 500)).toMatchObject({ kind: "refused" });
});
