import type { Arm } from "../../schema/experiment.ts";
import type { QuantileArm } from "../../stats/group-quantile.ts";
import { mostTestStage } from "./assign.ts";
import { usedBy, type EvidenceTables } from "./evidence-tables.ts";

/** A quantile of a metric, both arms. */
export type QuantileArms = Readonly<Record<Arm, QuantileArm>>;

/** Groups that units are bootstrapped by: up to this many, each unit is its own. */
const GROUPS = 2_000;
/** The window reaches at least this many standard errors to both sides of the quantile. */
const REACH = 8;
/** Where there are all groups, a window is first sought in one of so many of them. */
const SAMPLED = 8;
/** What a sampled window is wider by, in standard errors; one that is still too narrow is sought again in all groups. */
const SAMPLED_REACH = 10;

export interface QuantileRequest {
  readonly field: string;
  readonly p: number;
  readonly split: readonly [number, number];
}

/**
 * What a bootstrap of a quantile by unit needs and no more: per group its count and how many values
 * lie below a window, and the values inside it. Integers only, so that threads do not matter. Any window
 * that reaches far enough gives the same interval, so that its ends may come from a sample.
 */
export async function readQuantile(
  tables: EvidenceTables,
  { field, p, split }: QuantileRequest,
): Promise<QuantileArms> {
  const { db, bound, query } = tables;
  const sql = await query("quantile-values", { metric: `"${field}"` });
  const params = { ...bound, groups: GROUPS, metric: field, most_stage: mostTestStage(split) };
  for (const statement of sql.split(/;\s*\n/)) await db.run(statement, usedBy(statement, params));
  return { baseline: await armOf(tables, "baseline", p), candidate: await armOf(tables, "candidate", p) };
}

async function armOf(tables: EvidenceTables, arm: Arm, p: number): Promise<QuantileArm> {
  const found = await windowOf(tables, { arm, p, every: SAMPLED });
  return found ?? (await windowOf(tables, { arm, p, every: 1 })) ?? NO_VALUES;
}

const NO_VALUES: QuantileArm = { totals: [], below: [], values: [], groups: [] };

interface Sought {
  readonly arm: Arm;
  readonly p: number;
  /** Bounds are taken from one in so many groups. */
  readonly every: number;
}

/** The window by bounds of a sample; null where there are too few groups for one, or it does not reach far enough. */
export async function windowOf(
  tables: EvidenceTables,
  { arm, p, every }: Sought,
): Promise<QuantileArm | null> {
  const [middle] = await boundsOf(tables, { arm, every, low: p, high: p });
  if (middle === undefined) return null;
  const rough = await groupsOf(tables, arm, middle.low);
  if (every > 1 && rough.length < GROUPS) return null;
  const error = shareError(rough);
  const n = rough.reduce((sum, { total }) => sum + total, 0);
  const reach = REACH * error + 20 / n;
  const margin = every > 1 ? reach + SAMPLED_REACH * error : reach;
  const shares = { low: Math.max(0, p - margin), high: Math.min(1, p + margin) };
  const [ends = middle] = await boundsOf(tables, { arm, every, ...shares });
  const groups = await groupsOf(tables, arm, ends.low);
  const inside = await valuesOf(tables, arm, ends);
  const below = groups.reduce((sum, group) => sum + group.below, 0);
  const isWide = below <= (p - reach) * n && below + inside.length >= (p + reach) * n;
  if (every > 1 && !isWide) return null;
  const names = new Map(groups.map(({ group }, i) => [group, i]));
  return {
    totals: groups.map(({ total }) => total),
    below: groups.map((group) => group.below),
    values: inside.map(({ value }) => value),
    groups: inside.map(({ group }) => names.get(group) as number),
  };
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

async function boundsOf(
  { db, query }: EvidenceTables,
  at: Bounds & Pick<Sought, "arm" | "every">,
): Promise<readonly Bounds[]> {
  return db.rows<Bounds>(await query("quantile-bounds"), { ...at });
}

interface Group {
  readonly group: number;
  readonly total: number;
  readonly below: number;
}

async function groupsOf({ db, query }: EvidenceTables, arm: Arm, bound: number): Promise<readonly Group[]> {
  return db.rows<Group>(await query("quantile-groups"), { arm, bound: String(bound) });
}

async function valuesOf(
  { db, query }: EvidenceTables,
  arm: Arm,
  { low, high }: Bounds,
): Promise<readonly { readonly value: number; readonly group: number }[]> {
  return db.rows(await query("quantile-window"), { arm, low: String(low), high: String(high) });
}

/** Standard error of the share below a value, the group being the unit. */
function shareError(groups: readonly Group[]): number {
  const total = groups.reduce((sum, group) => sum + group.total, 0);
  const share = groups.reduce((sum, group) => sum + group.below, 0) / total;
  const squares = groups.reduce((sum, group) => sum + (group.below - share * group.total) ** 2, 0);
  return Math.sqrt((squares * groups.length) / Math.max(1, groups.length - 1)) / total;
}
