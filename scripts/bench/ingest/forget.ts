import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { importsFolder } from "../../../workbench/catalog/segments.ts";
import type { ForgetReport } from "../../../workbench/flow/erase/forget.ts";
import { projectAt } from "../../../workbench/store/paths.ts";
import { writeSegments } from "./overview.ts";
import type { Cost } from "./process-tree.ts";
import type { Workplace } from "./workplace.ts";

export interface Forgetting {
  readonly rows: number;
  readonly segments: number;
  readonly touched: number;
  /** Rows of the user. */
  readonly erased: number;
  /** Segments written again. */
  readonly writtenMb: number;
  readonly cost: Cost;
}

const SEGMENT_ROWS = 20_000;
/** User 7 of the store that overview.ts writes: a call in every 50 000. */
const USER = "[USER:ifh4e45fce]";

/** Erases one user from a store of many segments, as a user runs it. */
export async function forgetting(place: Workplace, rows: number): Promise<Forgetting> {
  const project = projectAt(place.path("forget"));
  await writeSegments(project, rows, SEGMENT_ROWS);
  const before = new Set(await readdir(importsFolder(project)));
  const cost = await place.command("forget", "forget", USER, "--yes");
  const report = JSON.parse(cost.stdout) as ForgetReport;
  let written = 0;
  for (const id of await readdir(importsFolder(project)))
    if (!before.has(id)) written += (await stat(join(importsFolder(project), id, "rows.parquet"))).size;
  return {
    rows,
    segments: before.size,
    touched: report.segments.length,
    erased: report.rows,
    writtenMb: written / 1e6,
    cost,
  };
}
