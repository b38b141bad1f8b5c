import { normalUpperQuantile } from "./distribution.ts";
import { estimateOf, type Estimate } from "./estimate.ts";
import { badAlpha } from "./input.ts";
import { refused, type Refused } from "./refused.ts";
import { sumOf } from "./sum.ts";
import { wilsonLimits } from "./wilson.ts";

/** Two raters' labels of the same items. `categories` fixes their order where weights need one. */
export interface TwoRaters {
  readonly first: readonly (string | number)[];
  readonly second: readonly (string | number)[];
  readonly categories?: readonly (string | number)[];
  readonly weights?: "none" | "linear" | "quadratic";
}

/**
 * Cohen's κ = (Pₒ − Pₑ)/(1 − Pₑ), plain or weighted, with the large-sample SE of Fleiss, Cohen &
 * Everitt 1969. That SE is 0 under perfect agreement, so the lower limit is the smaller of the
 * normal one and Wilson's lower limit of the agreement carried through κ (items must be plenty
 * before a judge counts as good). Refused: chance agreement of 1, lists that differ in length.
 * Source: Cohen 1960, 1968. Worked value: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: κ 0.4.
 */
export function cohenKappa(raters: TwoRaters, alpha: number): Estimate | Refused {
  const bad = badAlpha(alpha) ?? badRaters(raters);
  if (bad) return bad;
  const n = raters.first.length;
  const table = shares(raters);
  if ("kind" in table) return table;
  const size = table.length;
  const weight = (i: number, j: number): number => agreement(Math.abs(i - j), size, raters.weights ?? "none");
  const rows = table.map((row) => sumOf(row, (share) => share));
  const columns = table.map((_, j) => sumOf(table, (row) => row[j] as number));
  const cells = (f: (i: number, j: number) => number): number =>
    sumOf(table, (row, i) => sumOf(row, (_share, j) => f(i, j)));
  const observed = cells((i, j) => weight(i, j) * at(table, i, j));
  const chance = cells((i, j) => weight(i, j) * (rows[i] as number) * (columns[j] as number));
  if (!(1 - chance > 1e-12)) return refused("chance agreement is 1: both raters use one category only");
  const kappa = (observed - chance) / (1 - chance);
  const rowMean = rows.map((_, i) => sumOf(columns, (share, j) => share * weight(i, j)));
  const columnMean = columns.map((_, j) => sumOf(rows, (share, i) => share * weight(i, j)));
  const spread = cells((i, j) => {
    const pull = ((rowMean[i] as number) + (columnMean[j] as number)) * (1 - kappa);
    return at(table, i, j) * (weight(i, j) - pull) ** 2;
  });
  const variance = Math.max(0, spread - (kappa - chance * (1 - kappa)) ** 2);
  const standardError = Math.sqrt(variance / n) / (1 - chance);
  const z = normalUpperQuantile(alpha);
  const cautious = (wilsonLimits(observed * n, n, z).lower - chance) / (1 - chance);
  return estimateOf({
    estimator: "cohen-kappa@1",
    n,
    estimate: kappa,
    lower: Math.max(-1, Math.min(kappa - z * standardError, cautious)),
    upper: Math.min(1, kappa + z * standardError),
    alpha,
    standardError,
  });
}

function agreement(distance: number, size: number, weights: "none" | "linear" | "quadratic"): number {
  if (weights === "none") return distance === 0 ? 1 : 0;
  const share = distance / (size - 1);
  return 1 - (weights === "linear" ? share : share * share);
}

function at(table: readonly (readonly number[])[], i: number, j: number): number {
  return table[i]?.[j] ?? 0;
}

/** The joint table of shares, categories in the given order or sorted. */
function shares({ first, second, categories }: TwoRaters): readonly (readonly number[])[] | Refused {
  const seen = categories ?? sortedLabels([...first, ...second]);
  const index = new Map(seen.map((category, i) => [category, i]));
  const table = seen.map(() => seen.map(() => 0));
  for (let item = 0; item < first.length; item++) {
    const [i, j] = [index.get(first[item] as string), index.get(second[item] as string)];
    const row = i === undefined ? undefined : table[i];
    if (!row || j === undefined) return refused(`item ${item} has a label outside the categories`);
    row[j] = (row[j] ?? 0) + 1 / first.length;
  }
  return table;
}

function sortedLabels(labels: readonly (string | number)[]): (string | number)[] {
  const distinct = [...new Set(labels)];
  return distinct.sort((a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1,
  );
}

function badRaters({ first, second }: TwoRaters): Refused | undefined {
  if (first.length === 0) return refused("no items");
  if (first.length === second.length) return undefined;
  return refused(`raters differ in items: ${first.length} and ${second.length}`);
}
