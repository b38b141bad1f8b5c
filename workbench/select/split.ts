import type { SplitSettings } from "../schema/dataset-definition.ts";
import type { Split } from "../schema/dataset.ts";
import type { Refused } from "../stats/refused.ts";
import { refused } from "../stats/refused.ts";
import { draw } from "./draw.ts";
import type { Component } from "./groups.ts";

/** Which group every row belongs to, by row_key, and which side every group is on. */
export interface Sides {
  readonly groupOf: ReadonlyMap<string, string>;
  readonly sideOf: ReadonlyMap<string, Split>;
}

/**
 * C5: each group draws a number from (seed, its name) and falls to train, val or test by the
 * shares. Refused when one group holds more than `maxComponent` of the rows, because then no split
 * has the shares that were asked for; the reason names the ties that made it.
 */
export function assignSides(
  groups: readonly Component[],
  settings: SplitSettings,
  seed: number,
): Sides | Refused {
  const all = groups.reduce((sum, group) => sum + group.rows.length, 0);
  const largest = groups.reduce<Component | null>(
    (best, group) => (group.rows.length > (best?.rows.length ?? 0) ? group : best),
    null,
  );
  if (largest && largest.rows.length > settings.maxComponent * all) {
    const ties = Object.entries(largest.ties)
      .sort(([, a], [, b]) => b - a)
      .map(([kind, count]) => `${count} by ${kind}`);
    return refused(
      `one group holds ${largest.rows.length} of ${all} rows (${Math.round((100 * largest.rows.length) / all)} %), tied together ${ties.join(", ")}`,
    );
  }
  return {
    groupOf: new Map(groups.flatMap(({ group, rows }) => rows.map((row) => [row.key, group] as const))),
    sideOf: new Map(groups.map(({ group }) => [group, sideAt(draw(seed, group), settings)])),
  };
}

/** Worked value: with 0.8/0.1/0.1 a draw of 0.79 is train, 0.85 val, 0.95 test. */
export function sideAt(at: number, { train, val }: SplitSettings): Split {
  return at < train ? "train" : at < train + val ? "val" : "test";
}
