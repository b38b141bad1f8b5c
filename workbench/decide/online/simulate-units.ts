import { join } from "node:path";
import { openDatabase } from "../../catalog/database.ts";
import { INTERACTION_COLUMNS } from "../../catalog/columns.ts";
import { importsFolder, ROWS_FILE, verifySegment } from "../../catalog/segments.ts";
import { filled, sqlFile } from "../../catalog/sql.ts";
import { segmentOrder, segmentRelation, statementsOf } from "../../catalog/views.ts";
import type { ImportManifest } from "../../schema/import.ts";
import type { Policy } from "../../schema/policy.ts";
import type { Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { UNIT_COLUMN } from "./evidence-tables.ts";

/** A unit's sums and counts, one of each metric, in smallest units. */
export interface LoggedUnit {
  readonly n: readonly number[];
  readonly d: readonly number[];
}

/** Most units that a simulation draws from. */
const MOST = 20_000;

/** Units of the stored calls, in the order of their names: the same logs give the same list. */
export async function unitsOfLogs(
  project: Project,
  plan: {
    readonly imports: readonly ImportManifest[];
    readonly fields: readonly string[];
    readonly policy: Policy;
  },
  effects: Effects,
): Promise<readonly LoggedUnit[]> {
  const { imports, fields, policy } = plan;
  for (const manifest of imports) await verifySegment(project, manifest, effects);
  const db = await openDatabase({
    allowed: [importsFolder(project)],
    temporary: join(project.private, "tmp", Buffer.from(effects.random(6)).toString("hex")),
  });
  const constants = {
    segments: segmentOrder(imports),
    rows: segmentRelation(project, imports, { file: ROWS_FILE, columns: INTERACTION_COLUMNS }),
    unit: UNIT_COLUMN[policy.online.unit] ?? "null",
    latest: "and row_key not in (select row_key from superseded)",
  };
  try {
    for (const name of ["stored", "logged"])
      for (const statement of statementsOf(
        filled(await sqlFile(`sql/${name}.sql`, import.meta.url, effects), constants),
      ))
        await db.run(statement);
    const list = (f: (field: string) => string): string => `[${fields.map(f).join(", ")}]`;
    const sql = filled(await sqlFile("sql/unit-vectors.sql", import.meta.url, effects), {
      n: list((field) => `coalesce(sum("${field}"), 0)::DOUBLE`),
      d: list((field) => `count("${field}")::DOUBLE`),
    });
    return await db.rows<LoggedUnit>(sql, { most: MOST });
  } finally {
    db.close();
  }
}
