import type { DatasetDefinition } from "../schema/dataset-definition.ts";
import type { StoredInteraction } from "../schema/interaction.ts";
import { isRefused } from "../stats/refused.ts";
import type { Built } from "../select/build.ts";
import { evenness, keepRates, lengthsOf, tally } from "../select/quality.ts";
import { stratumOf } from "../select/shape.ts";
import { wordsOf } from "../select/text.ts";
import { goodAnswer, mainRow, promptOf } from "../select/unit.ts";
import type { Unit } from "../select/unit.ts";

const NONE = "(none)";

/** C10 as a manifest keeps it. A figure that cannot be computed is null, and `refused` says why. */
export function qualityOf(
  rows: readonly StoredInteraction[],
  built: Built,
  definition: DatasetDefinition,
): Readonly<Record<string, unknown>> {
  const units = Object.values(built.sides).flat();
  const before = tally(rows.map((row) => row.task_type ?? NONE));
  const after = tally(units.map((unit) => stratumOf(unit, "taskType")));
  const spread = evenness([...after.values()]);
  return {
    rowsIn: rows.length,
    rowsOut: units.length,
    users: new Set(units.flatMap((unit) => mainRow(unit).row.user_key ?? [])).size,
    groups: built.groups,
    largestGroup: built.largestGroup,
    taskTypes: Object.fromEntries(sorted(after)),
    taskTypeCoverage: before.size === 0 ? null : ratio(after.size, before.size),
    taskTypeEvenness: isRefused(spread) ? null : spread,
    promptWords: words(units, (unit) =>
      promptOf(unit)
        .filter((turn) => turn.role !== "system")
        .map((turn) => turn.content)
        .join(" "),
    ),
    answerWords: words(units, (unit) => goodAnswer(unit).turn.content),
    ...(definition.kind === "preference"
      ? {
          rejectedWords: words(units, (unit) =>
            unit.kind === "preference" ? unit.pair.rejected.turn.content : "",
          ),
        }
      : {}),
    answersBy: Object.fromEntries(sorted(tally(units.map((unit) => goodAnswer(unit).by)))),
    meanScore: mean(units.map((unit) => goodAnswer(unit).score.value)),
    keepRates: {
      taskType: slices(rows, units, (row) => row.task_type),
      agent: slices(rows, units, (row) => row.agent),
      arm: slices(rows, units, (row) => row.arm),
    },
    clusters: built.clusters,
    strata: built.strata,
  };
}

/** C13: what the source designs ask for before any training. */
export function warningsOf(
  rows: readonly StoredInteraction[],
  built: Built,
  definition: DatasetDefinition,
): readonly string[] {
  const warnings: string[] = [];
  const count = Object.values(built.sides).flat().length;
  if (rows.length < 1000)
    warnings.push(`${rows.length} interactions: at least 1 000 are advised before any tuning`);
  if (definition.kind === "preference" && count < 500)
    warnings.push(`${count} pairs: at least 500 are advised before DPO`);
  for (const side of ["val", "test"] as const)
    if (built.sides[side].length === 0 && definition.split[side] > 0)
      warnings.push(`no row fell to ${side}: there are too few groups for its share`);
  for (const { stratum, short } of built.strata)
    if (short > 0) warnings.push(`stratum ${stratum} is ${short} rows short of its share`);
  return warnings;
}

function slices(
  rows: readonly StoredInteraction[],
  units: readonly Unit[],
  of: (row: StoredInteraction) => string | null,
): unknown {
  // A row counts once, however many pairs it is part of.
  const kept = new Map(units.flatMap((unit) => unit.members.map(({ row }) => [row.row_key, row] as const)));
  return keepRates(
    rows.map((row) => of(row) ?? NONE),
    [...kept.values()].map((row) => of(row) ?? NONE),
  );
}

function words(units: readonly Unit[], of: (unit: Unit) => string): unknown {
  const lengths = lengthsOf(units.map((unit) => wordsOf(of(unit)).length));
  return isRefused(lengths) ? null : lengths;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0
    ? null
    : ratio(
        values.reduce((sum, value) => sum + value, 0),
        values.length,
      );
}

function ratio(a: number, b: number): number {
  return Math.round((10_000 * a) / b) / 10_000;
}

function sorted(counts: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
