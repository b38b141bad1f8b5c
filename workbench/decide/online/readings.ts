import type { Arm } from "../../schema/experiment.ts";
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
