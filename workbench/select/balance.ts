import type { BalanceSettings } from "../schema/dataset-definition.ts";
import { draw } from "./draw.ts";
import type { Fired } from "./sieve.ts";
import { byText } from "./text.ts";

/** A row or pair as balancing sees it. */
export interface Weighed {
  readonly key: string;
  readonly stratum: string;
}

/** What a stratum wanted and got; `short` says how many rows were not there. Nothing is repeated to fill it. */
export interface StratumReport {
  readonly stratum: string;
  readonly available: number;
  readonly wanted: number;
  readonly kept: number;
  readonly short: number;
}

export interface Balanced {
  /** Keys that leave, with the rule. */
  readonly removed: ReadonlyMap<string, Fired>;
  readonly strata: readonly StratumReport[];
}

/**
 * C4: brings strata to equal or given shares by taking rows away, in an order drawn from (seed, key),
 * so that a new row only inserts. Without `total` the scarcest stratum sets the size. Whole numbers
 * are shared out by largest remainder.
 *
 * Worked value: strata of 10, 6 and 4, `equal`, no total: 4 of each.
 */
export function balance(items: readonly Weighed[], settings: BalanceSettings, seed: number): Balanced {
  const strata = new Map<string, Weighed[]>();
  for (const item of items) {
    const list = strata.get(item.stratum);
    if (list) list.push(item);
    else strata.set(item.stratum, [item]);
  }
  const names = [...strata.keys()].sort();
  const shares = sharesOf(names, settings.shares);
  const total = settings.total ?? largestTotal(strata, shares);
  const wanted = apportion(total, shares);
  const removed = new Map<string, Fired>();
  const reports = [...new Set([...names, ...shares.keys()])].sort().map((stratum): StratumReport => {
    const rows = strata.get(stratum) ?? [];
    const want = Math.min(wanted.get(stratum) ?? 0, settings.cap ?? Infinity);
    const order = rows
      .map((row) => ({ row, at: draw(seed, `balance:${row.key}`) }))
      .sort((a, b) => a.at - b.at || byText(a.row.key, b.row.key));
    const rule = shares.has(stratum) ? "over-share" : "no-share";
    for (const { row } of order.slice(want))
      removed.set(row.key, { rule, detail: `its stratum gives ${want} of ${rows.length} rows` });
    const kept = Math.min(want, rows.length);
    return { stratum, available: rows.length, wanted: want, kept, short: want - kept };
  });
  return { removed, strata: reports };
}

function sharesOf(names: readonly string[], shares: BalanceSettings["shares"]): ReadonlyMap<string, number> {
  const given = shares === "equal" ? names.map((name) => [name, 1] as const) : Object.entries(shares);
  const sum = given.reduce((total, [, share]) => total + share, 0);
  return new Map([...given].sort(([a], [b]) => byText(a, b)).map(([name, share]) => [name, share / sum]));
}

/** The most rows that every stratum can fill at its share. */
function largestTotal(
  strata: ReadonlyMap<string, readonly Weighed[]>,
  shares: ReadonlyMap<string, number>,
): number {
  const limits = [...shares].map(([name, share]) => (strata.get(name)?.length ?? 0) / share);
  return limits.length === 0 ? 0 : Math.floor(Math.min(...limits) + 1e-9);
}

function apportion(total: number, shares: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const parts = [...shares].map(([name, share]) => ({
    name,
    whole: Math.floor(total * share + 1e-9),
    rest: total * share - Math.floor(total * share + 1e-9),
  }));
  let left = total - parts.reduce((sum, part) => sum + part.whole, 0);
  const order = [...parts].sort((a, b) => b.rest - a.rest || byText(a.name, b.name));
  return new Map(order.map(({ name, whole }) => [name, whole + (left-- > 0 ? 1 : 0)]));
}
