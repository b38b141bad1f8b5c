import type { Decision } from "../schema/decision.ts";
import type { SampleRow } from "../schema/run.ts";
import type { Item } from "./pairs.ts";
import { pairedValues } from "./values.ts";

type Flips = Decision["computed"]["flips"];

/** How many regressions the ledger lists; the run page shows them all. */
const WORST = 10;

/**
 * Every complete pair by who got it right on the primary metric, and the worst regressions with the
 * largest loss first, ties by sampleId. Right is the suite's own success, else a score of ½ or more.
 */
export function flipLedger(items: readonly Item[], metric: string): Flips {
  const values = pairedValues(items, metric);
  const byId = new Map(items.map((item) => [item.sampleId, item]));
  const flips = { fixed: 0, broken: 0, bothRight: 0, bothWrong: 0 };
  const losses: { sampleId: string; delta: number }[] = [];
  values.sampleIds.forEach((sampleId, i) => {
    const item = byId.get(sampleId);
    const a = values.baseline[i] as number;
    const b = values.candidate[i] as number;
    const before = isRight(item?.baseline ?? [], a);
    const after = isRight(item?.candidate ?? [], b);
    flips[after ? (before ? "bothRight" : "fixed") : before ? "broken" : "bothWrong"]++;
    if (b < a) losses.push({ sampleId, delta: b - a });
  });
  losses.sort((x, y) => x.delta - y.delta || (x.sampleId < y.sampleId ? -1 : 1));
  return { ...flips, worst: losses.slice(0, WORST) };
}

function isRight(rows: readonly SampleRow[], score: number): boolean {
  const known = rows.map((row) => row.success).filter((success) => success !== null);
  if (known.length === 0) return score >= 0.5;
  return known.filter((success) => success).length * 2 >= known.length;
}
