import { refused, type Refused } from "./refused.ts";

/**
 * Holm's step-down adjusted p, in input order: compare each with the family-wise α.
 * Source: Holm 1979. Worked value: [0.01, 0.04, 0.03] gives [0.03, 0.06, 0.06].
 */
export function holm(ps: readonly number[]): readonly number[] | Refused {
  const order = ascending(ps);
  if ("kind" in order) return order;
  const adjusted = new Array<number>(ps.length).fill(1);
  let highest = 0;
  order.forEach((at, rank) => {
    highest = Math.max(highest, Math.min(1, (ps.length - rank) * (ps[at] as number)));
    adjusted[at] = highest;
  });
  return adjusted;
}

/**
 * Benjamini–Hochberg adjusted p (false discovery rate), in input order; for explored slices.
 * Source: Benjamini & Hochberg 1995. Worked value: [0.01, 0.04, 0.03] gives [0.03, 0.04, 0.04].
 */
export function benjaminiHochberg(ps: readonly number[]): readonly number[] | Refused {
  const order = ascending(ps);
  if ("kind" in order) return order;
  const adjusted = new Array<number>(ps.length).fill(1);
  let lowest = 1;
  for (let rank = ps.length; rank >= 1; rank--) {
    const at = order[rank - 1] as number;
    lowest = Math.min(lowest, (ps.length / rank) * (ps[at] as number));
    adjusted[at] = lowest;
  }
  return adjusted;
}

function ascending(ps: readonly number[]): number[] | Refused {
  if (ps.length === 0) return refused("no p values");
  const bad = ps.findIndex((p) => !(p >= 0 && p <= 1));
  if (bad >= 0) return refused(`p value ${bad} is ${ps[bad]}, outside 0 to 1`);
  return ps.map((_, i) => i).sort((a, b) => (ps[a] as number) - (ps[b] as number) || a - b);
}
