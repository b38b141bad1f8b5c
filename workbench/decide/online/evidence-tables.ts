import { join } from "node:path";
import { openDatabase, sqlList, type Database } from "../../catalog/database.ts";
import { emptySelect, INTERACTION_COLUMNS } from "../../catalog/columns.ts";
import { allImports, importsFolder, ROWS_FILE, verifySegment } from "../../catalog/segments.ts";
import { filled, sqlFile } from "../../catalog/sql.ts";
import { segmentOrder, segmentRelation, statementsOf } from "../../catalog/views.ts";
import type { Experiment, ExposureManifest } from "../../schema/experiment.ts";
import type { ImportManifest } from "../../schema/import.ts";
import type { Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { mostTestStage } from "./assign.ts";
import {
  EXPOSURE_COLUMNS,
  EXPOSURES_FILE,
  exposuresFolder,
  listExposures,
  verifyExposures,
} from "./exposure-segments.ts";
import { ONLINE_METRICS } from "./metrics.ts";

/** The files an experiment is read from. */
export interface Segments {
  readonly imports: readonly ImportManifest[];
  readonly exposures: readonly ExposureManifest[];
}

/** Segments by their ids, each checked against its manifest (exit 6) before anything is read from it. */
export async function segmentsOf(
  project: Project,
  ids: { readonly imports: readonly string[]; readonly exposures: readonly string[] },
  effects: Effects,
): Promise<Segments> {
  const imports = (await allImports(project, effects)).filter(({ id }) => ids.imports.includes(id));
  const exposures = (await listExposures(project, effects)).filter(({ id }) => ids.exposures.includes(id));
  for (const manifest of imports) await verifySegment(project, manifest, effects);
  for (const manifest of exposures) await verifyExposures(project, manifest, effects);
  return { imports, exposures };
}

export interface TablePlan {
  readonly project: Project;
  readonly experiment: Experiment;
  readonly segments: Segments;
  /** Exposures and rows before this instant. */
  readonly until: string;
  /** Fields that are read; `unit_metric` holds no others. */
  readonly fields: readonly string[];
}

/** Tables over the evidence, held in a database that forgets them when it is closed. */
export interface EvidenceTables {
  readonly db: Database;
  /** Parameters that every query of this experiment may bind. */
  readonly bound: { readonly experiment: string; readonly starts_at: string; readonly until: string };
  /** One of our own queries with its constants filled in. */
  readonly query: (name: string, constants?: Readonly<Record<string, string>>) => Promise<string>;
}

/** The column of the stored calls that names a unit. */
export const UNIT_COLUMN: Readonly<Record<string, string>> = {
  user: "user_key",
  conversation: "conversation_id",
};
const MEMORY_MB = 1024;

/**
 * Lays `exposure`, `unit`, `logged` and `unit_metric` over the segments. All that is folded are whole
 * numbers, so two threads give the same sums as one; what does not fit into a gigabyte goes to disk.
 */
export async function openTables(plan: TablePlan, effects: Effects): Promise<EvidenceTables> {
  const { project, experiment, until } = plan;
  const db = await openDatabase({
    allowed: [importsFolder(project), exposuresFolder(project)],
    temporary: join(project.private, "tmp", Buffer.from(effects.random(6)).toString("hex")),
    memoryMb: MEMORY_MB,
    threads: 2,
  });
  const constants = constantsOf(plan);
  const query: EvidenceTables["query"] = async (name, more = {}) =>
    filled(await sqlFile(`sql/${name}.sql`, import.meta.url, effects), { ...constants, ...more });
  const bound = { experiment: experiment.name, starts_at: experiment.startsAt, until };
  const preSeconds = Math.round(experiment.policy.online.prePeriodDays * 86_400);
  try {
    const most_stage = mostTestStage(experiment.policy.online.split);
    for (const statement of statementsOf(await query("units")))
      await db.run(statement, usedBy(statement, { ...bound, most_stage }));
    for (const statement of statementsOf(await query("stored"))) await db.run(statement);
    const [revised] = await db.rows<{ n: number }>("select count(*)::integer as n from superseded");
    const isRevised = (revised?.n ?? 0) > 0;
    for (const statement of statementsOf(await query("logged", { latest: isRevised ? LATEST : "" })))
      await db.run(statement);
    const metrics = { ...bound, pre_seconds: preSeconds };
    for (const statement of statementsOf(await query("unit-metrics", metricParts(plan.fields, preSeconds))))
      await db.run(statement, usedBy(statement, metrics));
    return { db, bound, query };
  } catch (error) {
    db.close();
    throw error;
  }
}

const LATEST = "and row_key not in (select row_key from superseded)";

/** DuckDB refuses a parameter that a statement does not name. */
export function usedBy<T extends Readonly<Record<string, string | number>>>(
  sql: string,
  params: T,
): Partial<T> {
  return Object.fromEntries(
    Object.entries(params).filter(([name]) => new RegExp(`\\$${name}\\b`).test(sql)),
  ) as Partial<T>;
}

function constantsOf({ project, experiment, segments }: TablePlan): Readonly<Record<string, string>> {
  const files = segments.exposures.map(({ id }) => join(exposuresFolder(project), id, EXPOSURES_FILE));
  return {
    exposures: files.length === 0 ? `(${emptySelect(EXPOSURE_COLUMNS)})` : `read_parquet(${sqlList(files)})`,
    segments: segmentOrder(segments.imports),
    rows: segmentRelation(project, segments.imports, { file: ROWS_FILE, columns: INTERACTION_COLUMNS }),
    unit: UNIT_COLUMN[experiment.policy.online.unit] ?? "null",
  };
}

/**
 * The parts of unit-metrics.sql that name metrics; only names of our own list go in. A pre-period shorter than the
 * day that clocks are compared over counts as none.
 */
function metricParts(
  fields: readonly string[],
  preSeconds: number,
): { readonly sums: string; readonly wide: string; readonly metrics: string } {
  const known = fields.filter((field) => Object.hasOwn(ONLINE_METRICS, field));
  const sums = known.flatMap((field) => [
    `coalesce(sum("${field}"), 0)::BIGINT as "${field}_n"`,
    `count("${field}") as "${field}_d"`,
  ]);
  const before = preSeconds >= 86_400 ? "side < 2" : "false";
  const total = (column: string, sides: string): string =>
    `coalesce(sum("${column}") filter (${sides}), 0)::BIGINT`;
  const wide = known.flatMap((field) => [
    `${total(`${field}_n`, "side = 2")} as "${field}_n"`,
    `${total(`${field}_d`, "side = 2")} as "${field}_d"`,
    `${total(`${field}_n`, before)} as "${field}_p"`,
    `${total(`${field}_d`, before)} as "${field}_q"`,
  ]);
  const metrics = known.map(
    (field) =>
      `select id, '${field}' as metric, "${field}_n" as n, "${field}_d" as d, "${field}_p" as p, "${field}_q" as q from unit_wide where "${field}_d" > 0`,
  );
  return { sums: sums.join(", "), wide: wide.join(", "), metrics: metrics.join(" union all ") };
}
