import { join } from "node:path";
import type { ImportManifest } from "../schema/import.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { Database } from "./database.ts";
import { openDatabase, sqlText } from "./database.ts";
import type { FilesToRead } from "./packs.ts";
import { packsFolder } from "./packs.ts";
import { gather } from "./rooms.ts";
import { importsFolder } from "./segments.ts";
import { filled, sqlFile } from "./sql.ts";
import { laySegmentViews, laySignals, statementsOf } from "./views.ts";

/** Where a catalog is built, beside the one that is in use. */
export interface Work {
  readonly project: Project;
  readonly folder: string;
  readonly imports: readonly ImportManifest[];
  readonly files: FilesToRead;
}

/** Writes a whole catalog to `path`; gives the rows of its views and tables. */
export async function buildCatalog(
  path: string,
  { project, folder, imports, files }: Work,
  effects: Effects,
): Promise<Readonly<Record<string, number>>> {
  const db = await openDatabase({
    path,
    allowed: [importsFolder(project), packsFolder(project), folder],
    temporary: join(folder, "tmp"),
  });
  try {
    await laySegmentViews(db, { imports, files }, effects);
    await laySignals(db, effects);
    return { ...(await storedCounts(db)), ...(await loadRooms(db, project, { folder, effects })) };
  } finally {
    db.close();
  }
}

/** Rows of the two views that everybody asks for first. */
async function storedCounts(db: Database): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const view of ["interactions", "feedback"]) {
    const [row] = await db.rows<{ rows: number }>(`select count(*) as rows from ${view}`);
    counts[view] = row?.rows ?? 0;
  }
  return counts;
}

/** Tables of the rooms whose files are JSON: checked and flattened here, loaded with pinned columns. */
async function loadRooms(
  db: Database,
  project: Project,
  { folder, effects }: { readonly folder: string; readonly effects: Effects },
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const statements = statementsOf(await sqlFile("sql/rooms.sql", import.meta.url, effects));
  for (const statement of statements) {
    const name = /create table (\w+)/.exec(statement)?.[1] ?? "";
    const path = join(folder, `${name}.jsonl`);
    await effects.write(path, "");
    let [rows, batch] = [0, ""];
    for await (const row of gather(name, project, effects)) {
      rows++;
      batch += `${JSON.stringify(row)}\n`;
      if (batch.length < 1 << 20) continue;
      await effects.append(path, batch);
      batch = "";
    }
    if (batch !== "") await effects.append(path, batch);
    await db.run(filled(statement, { path: sqlText(path) }));
    counts[name] = rows;
  }
  return counts;
}
