import type { DatasetDefinition } from "../schema/dataset-definition.ts";
import type { Split } from "../schema/dataset.ts";
import type { Refused } from "../stats/refused.ts";
import { isRefused } from "../stats/refused.ts";
import type { StratumReport } from "./balance.ts";
import { balance } from "./balance.ts";
import type { Removal, Sieved } from "./funnel.ts";
import type { Component } from "./groups.ts";
import { assignSides } from "./split.ts";
import type { Unit } from "./unit.ts";
import { goodAnswer, mainRow } from "./unit.ts";
import { jsonObject } from "./where.ts";

/** The composition asked for, by taking units away. */
export function balanceUnits(
  units: readonly Unit[],
  { balance: settings, seed }: DatasetDefinition,
): { readonly sieved: Sieved<Unit>; readonly strata: readonly StratumReport[] } {
  if (!settings) return { sieved: { kept: units, removed: [] }, strata: [] };
  const items = units.map((unit) => ({
    key: unit.key,
    stratum: stratumOf(unit, settings.by, settings.member),
  }));
  const { removed: gone, strata } = balance(items, settings, seed);
  const removed: Removal[] = [];
  const kept = units.filter((unit) => {
    const fired = gone.get(unit.key);
    if (fired) removed.push({ interactionId: mainRow(unit).row.interaction_id, key: unit.key, ...fired });
    return fired === undefined;
  });
  return { sieved: { kept, removed }, strata };
}

/** The name of a unit's stratum; "(none)" where it was not logged. */
export function stratumOf(unit: Unit, by: "taskType" | "agent" | "arm" | "answer", member?: string): string {
  const { row } = mainRow(unit);
  if (by === "taskType") return row.task_type ?? "(none)";
  if (by === "agent") return row.agent ?? "(none)";
  if (by === "arm") return row.arm ?? "(none)";
  const value = jsonObject(goodAnswer(unit).turn.content)?.[member ?? ""];
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : "(none)";
}

export interface SplitUnits {
  readonly sieved: Sieved<Unit>;
  readonly sides: Readonly<Record<Split, readonly Unit[]>>;
  readonly groupOf: ReadonlyMap<string, string>;
}

/** Units by side. A pair whose two interactions fell to two sides belongs to neither and is removed. */
export function splitUnits(
  units: readonly Unit[],
  groups: readonly Component[],
  { split, seed }: DatasetDefinition,
): SplitUnits | Refused {
  const assigned = assignSides(groups, split, seed);
  if (isRefused(assigned)) return assigned;
  const sides: Record<Split, Unit[]> = { train: [], val: [], test: [] };
  const removed: Removal[] = [];
  const kept: Unit[] = [];
  for (const unit of units) {
    const its = new Set(
      unit.members.map(({ key }) => assigned.sideOf.get(assigned.groupOf.get(key) ?? "") ?? "train"),
    );
    const [side = "train"] = its;
    if (its.size > 1)
      removed.push({
        interactionId: mainRow(unit).row.interaction_id,
        key: unit.key,
        rule: "two-sides",
        detail: "its two interactions belong to groups on different sides",
      });
    else {
      kept.push(unit);
      sides[side].push(unit);
    }
  }
  return { sieved: { kept, removed }, sides, groupOf: assigned.groupOf };
}
