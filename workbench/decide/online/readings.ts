import type { Arm } from "../../schema/experiment.ts";
import type { QuantileArm } from "../../stats/group-quantile.ts";
import { usedBy, type EvidenceTables } from "./evidence-tables.ts";
import { mostTestStage } from "./assign.ts";

/** Exact sums over the units of one arm in one stage (and slice) for one metric, in its smallest unit. */
export interface MetricSums {
  readonly metric: string;
  readonly stage: number;
  readonly arm: Arm;
  /** `name = value`, or null for all units. */
  readonly slice: string | null;
  readonly units: string;
  readonly n: string;
  readonly d: string;
  readonly p: string;
  readonly q: string;
  readonly nn: string;
  readonly dd: string;
  readonly nd: string;
  readonly pp: string;
  readonly qq: string;
  readonly pq: string;
  readonly np: string;
  readonly nq: string;
  readonly dp: string;
  readonly dq: string;
}

/** Units of one arm in one stage (and slice). */
export interface ArmCount {
  readonly stage: number;
  readonly arm: Arm;
  readonly slice: string | null;
  readonly units: number;
  readonly with_rows: number;
  readonly fallbacks: number;
}

export interface ExposureFlaws {
  readonly exposures: number;
  readonly units: number;
  readonly crossed: number;
  readonly repeats: number;
  readonly astray: number;
  readonly before_start: number;
  readonly after_end: number;
  readonly without_rows: number;
  readonly only_before: number;
  readonly days: number;
  readonly gap_days: number;
}

export interface OtherArm {
  readonly experiment: string;
  readonly arm: Arm;
  readonly other: string;
  readonly units: number;
}

/** What the logs say about who was shown what: enough for every check, and for no effect. */
export interface UnitCounts {
  readonly counts: readonly ArmCount[];
  readonly flaws: ExposureFlaws;
  readonly others: readonly OtherArm[];
}

/** A quantile of a metric, both arms. */
export type QuantileArms = Readonly<Record<Arm, QuantileArm>>;

const ALL_UNITS = "(select id, stage, arm, fallbacks, null::VARCHAR as slice from unit)";
const SLICED_UNITS =
  "(select id, stage, arm, fallbacks, entry.key || ' = ' || entry.value as slice from (select id, stage, arm, fallbacks, unnest(map_entries(slices)) as entry from unit))";

export async function readCounts({ db, bound, query }: EvidenceTables): Promise<UnitCounts> {
  const counts: ArmCount[] = [];
  for (const units of [ALL_UNITS, SLICED_UNITS])
    counts.push(...(await db.rows<ArmCount>(await query("arm-counts", { units }))));
  const flawsSql = await query("exposure-flaws");
  const [flaws] = await db.rows<ExposureFlaws>(flawsSql, usedBy(flawsSql, bound));
  if (flaws === undefined) throw new Error("the exposures gave no row");
  const othersSql = await query("other-arms");
  return { counts, flaws, others: await db.rows<OtherArm>(othersSql, usedBy(othersSql, bound)) };
}

export async function readSums(
  { db, query }: EvidenceTables,
  split: readonly [number, number],
  isSliced: boolean,
): Promise<readonly MetricSums[]> {
  const sql = await query("metric-sums", { units: isSliced ? SLICED_UNITS : ALL_UNITS });
  return db.rows<MetricSums>(sql, { most_stage: mostTestStage(split) });
}

/** Groups that units are bootstrapped by: up to this many, each unit is its own. */
const GROUPS = 2_000;
/** The window reaches this many standard errors to both sides of the quantile. */
const REACH = 8;

/**
 * What a bootstrap of a quantile by unit needs and no more: per group its count and how many values
 * lie below a window, and the values inside it. Integers only, so that threads do not matter.
 */
export async function readQuantile(
  { db, bound, query }: EvidenceTables,
  {
    field,
    p,
    split,
  }: { readonly field: string; readonly p: number; readonly split: readonly [number, number] },
): Promise<QuantileArms> {
  const sql = await query("quantile-values", { metric: `"${field}"` });
  const params = { ...bound, groups: GROUPS, metric: field, most_stage: mostTestStage(split) };
  for (const statement of sql.split(/;\s*\n/)) await db.run(statement, usedBy(statement, params));
  const arms = { baseline: await windowOf("baseline", p), candidate: await windowOf("candidate", p) };
  return arms;

  async function windowOf(arm: Arm, at: number): Promise<QuantileArm> {
    const [middle] = await boundsOf(arm, at, at);
    if (middle === undefined) return { totals: [], below: [], values: [], groups: [] };
    const rough = await groupsOf(arm, middle.low);
    const reach = REACH * shareError(rough);
    const n = rough.reduce((sum, { total }) => sum + total, 0);
    const margin = reach + 20 / n;
    const [ends] = await boundsOf(arm, Math.max(0, at - margin), Math.min(1, at + margin));
    const [low, high] = [ends?.low ?? middle.low, ends?.high ?? middle.low];
    const groups = await groupsOf(arm, low);
    const names = new Map(groups.map(({ group }, i) => [group, i]));
    const inside = await db.rows<{ value: number; group: number }>(await query("quantile-window"), {
      arm,
      low: String(low),
      high: String(high),
    });
    return {
      totals: groups.map(({ total }) => total),
      below: groups.map(({ below }) => below),
      values: inside.map(({ value }) => value),
      groups: inside.map(({ group }) => names.get(group) as number),
    };
  }

  async function boundsOf(
    arm: Arm,
    low: number,
    high: number,
  ): Promise<readonly { readonly low: number; readonly high: number }[]> {
    return db.rows(await query("quantile-bounds"), { arm, low, high });
  }

  async function groupsOf(arm: Arm, below: number): Promise<readonly Group[]> {
    const groupSql = await query("quantile-groups");
    const rows = await db.rows<Group & { readonly arm: Arm }>(groupSql, {
      baseline: String(below),
      candidate: String(below),
    });
    return rows.filter((row) => row.arm === arm);
  }
}

interface Group {
  readonly group: number;
  readonly total: number;
  readonly below: number;
}

/** Standard error of the share below a value, the group being the unit. */
function shareError(groups: readonly Group[]): number {
  const total = groups.reduce((sum, group) => sum + group.total, 0);
  const share = groups.reduce((sum, group) => sum + group.below, 0) / total;
  const squares = groups.reduce((sum, group) => sum + (group.below - share * group.total) ** 2, 0);
  return Math.sqrt((squares * groups.length) / Math.max(1, groups.length - 1)) / total;
}
