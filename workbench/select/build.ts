import type { DatasetDefinition } from "../schema/dataset-definition.ts";
import type { FunnelStep, Reject, Split } from "../schema/dataset.ts";
import type { StoredInteraction } from "../schema/interaction.ts";
import type { Refused } from "../stats/refused.ts";
import { isRefused } from "../stats/refused.ts";
import type { StratumReport } from "./balance.ts";
import type { Candidate } from "./candidate.ts";
import { candidateOf } from "./candidate.ts";
import type { Suite } from "./contamination.ts";
import { decontaminate } from "./decontaminate.ts";
import { exactDedup } from "./exact-dedup.ts";
import type { Screens } from "./filter.ts";
import { filterRows } from "./filter.ts";
import type { Funnel, Removal, Sieved } from "./funnel.ts";
import { openFunnel } from "./funnel.ts";
import type { Component } from "./groups.ts";
import { components } from "./groups.ts";
import type { Unit } from "./unit.ts";
import { pairUnit, rowUnit } from "./unit.ts";
import type { ClusterReport, Clusters } from "./near-dedup.ts";
import { clustersOf, largestClusters, nearDedup } from "./near-dedup.ts";
import { pairable, offerPairs } from "./pairs.ts";
import { perPrompt, perUser, teachable } from "./pair-limits.ts";
import { balanceUnits, splitUnits } from "./shape.ts";
import { chooseTarget } from "./target.ts";
import { byText } from "./text.ts";
import { wherePairs, whereRows } from "./where.ts";

/** A dataset before it is written: rows by side, and everything a manifest says about them. */
export interface Built {
  readonly sides: Readonly<Record<Split, readonly Unit[]>>;
  /** The split group of a unit: the lowest row_key of what it may not be separated from. */
  readonly groupOf: (unit: Unit) => string;
  readonly funnel: readonly FunnelStep[];
  readonly rejects: readonly Reject[];
  readonly strata: readonly StratumReport[];
  readonly clusters: readonly ClusterReport[];
  readonly groups: number;
  readonly largestGroup: number;
}

/** What the steps need beside rows and definition. */
export interface Surroundings {
  readonly suites: readonly Suite[];
  readonly screens: Screens;
}

/**
 * Rows to dataset, step by step: complete, target, filter, where, exact, near, decontaminate, pairs,
 * balance, split. Depends on the rows as a set, the definition and the suites alone; the order in
 * which rows come does not matter. Refused when no split without leaks has the shares asked for.
 */
export function build(
  rows: readonly StoredInteraction[],
  definition: DatasetDefinition,
  around: Surroundings,
): Built | Refused {
  const funnel = openFunnel();
  const sorted = [...rows].sort((a, b) => byText(a.row_key, b.row_key));
  const complete = funnel.pass("complete", sorted, completeRows(sorted, definition));
  const wanted = narrowed(complete, definition, { funnel, around });
  const near = definition.dedup.near;
  const clusters = near ? clustersOf(wanted, near) : null;
  const groups = components(wanted, clusters?.members ?? [], definition.split.groupBy);
  const rest = cleaned(wanted, definition, { funnel, around, clusters });
  const units = definition.kind === "sft" ? rest.map(rowUnit) : paired(rest, definition, funnel);
  return shaped(units, definition, { funnel, groups, clusters });
}

function completeRows(rows: readonly StoredInteraction[], definition: DatasetDefinition): Sieved<Candidate> {
  const kept: Candidate[] = [];
  const removed: Removal[] = [];
  for (const row of rows) {
    const candidate = candidateOf(row, definition.score);
    if (!isRefused(candidate)) kept.push(candidate);
    else {
      const [rule = "", ...detail] = candidate.reason.split(": ");
      removed.push({ interactionId: row.interaction_id, key: row.row_key, rule, detail: detail.join(": ") });
    }
  }
  return { kept, removed };
}

interface Way {
  readonly funnel: Funnel;
  readonly around: Surroundings;
}

/** Which rows are good enough, and in the slice that is wanted. */
function narrowed(
  candidates: readonly Candidate[],
  definition: DatasetDefinition,
  { funnel, around }: Way,
): readonly Candidate[] {
  const { kind, filters } = definition;
  let rows = candidates;
  if (kind === "sft") rows = funnel.pass("target", rows, chooseTarget(rows, definition.target));
  const scoreAbove = filters.scoreAbove === undefined ? (kind === "sft" ? 0.5 : null) : filters.scoreAbove;
  rows = funnel.pass("filter", rows, filterRows(rows, { ...filters, scoreAbove }, around.screens));
  return funnel.pass("where", rows, whereRows(rows, definition.where));
}

/** No copies of each other, and none of what evaluations ask. */
function cleaned(
  candidates: readonly Candidate[],
  { dedup, decontaminate: settings }: DatasetDefinition,
  { funnel, around, clusters }: Way & { readonly clusters: Clusters | null },
): readonly Candidate[] {
  let rows = candidates;
  if (dedup.exact) rows = funnel.pass("exact-dedup", rows, exactDedup(rows));
  if (clusters) rows = funnel.pass("near-dedup", rows, nearDedup(rows, clusters));
  if (settings) rows = funnel.pass("decontaminate", rows, decontaminate(rows, around.suites, settings));
  return rows;
}

function paired(
  candidates: readonly Candidate[],
  { pairs: settings, where }: DatasetDefinition,
  funnel: Funnel,
): readonly Unit[] {
  const offered = offerPairs(candidates, settings);
  funnel.pass("pairs", candidates, pairable(candidates, offered));
  let pairs = [...offered].sort((a, b) => byText(a.key, b.key));
  const pass = (step: string, sieved: Sieved<(typeof pairs)[number]>): void => {
    pairs = [...funnel.pass(step, pairs, sieved, "pair")];
  };
  pass("pair-where", wherePairs(pairs, where));
  pass("pair-margin", teachable(pairs, settings));
  pass("pair-per-prompt", perPrompt(pairs, settings));
  pass("pair-per-user", perUser(pairs, settings));
  return pairs.map(pairUnit);
}

function shaped(
  units: readonly Unit[],
  definition: DatasetDefinition,
  {
    funnel,
    groups,
    clusters,
  }: {
    readonly funnel: Funnel;
    readonly groups: readonly Component[];
    readonly clusters: Clusters | null;
  },
): Built | Refused {
  const unit = definition.kind === "sft" ? "row" : "pair";
  const { sieved, strata } = balanceUnits(units, definition);
  const balanced = definition.balance ? funnel.pass("balance", units, sieved, unit) : units;
  const split = splitUnits(balanced, groups, definition);
  if (isRefused(split)) return split;
  funnel.pass("split", balanced, split.sieved, unit);
  return {
    sides: split.sides,
    groupOf: (one) => split.groupOf.get(one.members[0]?.key ?? "") ?? "",
    funnel: funnel.steps(),
    rejects: funnel.rejects(),
    strata,
    clusters: clusters ? largestClusters(clusters) : [],
    groups: groups.length,
    largestGroup: groups.reduce((most, group) => Math.max(most, group.rows.length), 0),
  };
}
