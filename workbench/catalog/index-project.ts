import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { digestOf } from "../schema/canonical.ts";
import { jsonText } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { withLock } from "../store/lock.ts";
import type { Project } from "../store/paths.ts";
import type { Database } from "./database.ts";
import { openDatabase, sqlText } from "./database.ts";
import { gather, stampOf } from "./rooms.ts";
import { importsFolder, listImports, verifySegment } from "./segments.ts";
import { filled, sqlFile } from "./sql.ts";
import { laySegmentViews, laySignals, statementsOf } from "./views.ts";

export interface IndexReport {
  readonly outcome: "built" | "fresh";
  readonly imports: number;
  readonly tables: Readonly<Record<string, number>>;
}

export const catalogPath = (project: Project): string => join(project.private, "catalog.duckdb");

/** Raised when the tables or views change their form. */
const LAYOUT = 4;

/**
 * Brings `.workbench/catalog.duckdb` up to date with the files, or builds it anew with `rebuild`.
 * It is built beside and renamed, so that readers see the old one or the new one; it holds nothing
 * that the files do not, so the same files give the same answers. While another process builds it,
 * this one waits up to 15 s, then throws WB_LOCK_BUSY (exit 7).
 */
export async function indexProject(
  project: Project,
  { rebuild = false }: { readonly rebuild?: boolean } = {},
  effects: Effects = realEffects,
): Promise<IndexReport> {
  for (let waitedMs = 0; ; waitedMs += STEP_MS) {
    const stamp = digestOf({ layout: LAYOUT, root: project.root, files: await stampOf(project, effects) });
    const known = rebuild ? null : await builtReport(project, stamp, effects);
    if (known) return { ...known, outcome: "fresh" };
    try {
      return await withLock(
        join(project.private, "catalog.lock"),
        "workbench index",
        () => build(project, stamp, effects),
        effects,
      );
    } catch (error) {
      if (!isBusy(error) || waitedMs >= WAIT_MS) throw error;
      await effects.sleep(STEP_MS);
    }
  }
}

// Whoever holds the lock builds what we want: a reader beside an import waits for it.
const STEP_MS = 100;
const WAIT_MS = 15_000;

const isBusy = (error: unknown): boolean => error instanceof WorkbenchError && error.code === "WB_LOCK_BUSY";

/** What the catalog that is there was built from, if it is this. */
async function builtReport(project: Project, stamp: string, effects: Effects): Promise<IndexReport | null> {
  if (!(await effects.stat(catalogPath(project)))) return null;
  try {
    const note = JSON.parse(Buffer.from(await effects.read(stampPath(project))).toString("utf8")) as Stamp;
    return note.stamp === stamp ? note.report : null;
  } catch {
    return null;
  }
}

interface Stamp {
  readonly stamp: string;
  readonly report: IndexReport;
}

const stampPath = (project: Project): string => join(project.private, "catalog.json");

async function build(project: Project, stamp: string, effects: Effects): Promise<IndexReport> {
  const token = Buffer.from(effects.random(6)).toString("hex");
  const work = join(project.private, `catalog-${token}`);
  await effects.mkdir(work);
  try {
    const imports = await listImports(project, effects);
    for (const manifest of imports) await verifySegment(project, manifest, effects);
    const path = join(work, "catalog.duckdb");
    const db = await openDatabase({
      path,
      allowed: [importsFolder(project), work],
      temporary: join(work, "tmp"),
    });
    let tables: Record<string, number>;
    try {
      await laySegmentViews(db, project, imports, effects);
      await laySignals(db, effects);
      tables = { ...(await storedCounts(db)), ...(await loadRooms(db, project, { work, effects })) };
    } finally {
      db.close();
    }
    await effects.fsync(path);
    // The stamp goes first: a crash between the two only builds once more.
    await effects.remove(stampPath(project));
    await effects.rename(path, catalogPath(project));
    const report: IndexReport = { outcome: "built", imports: imports.length, tables };
    await effects.write(stampPath(project), jsonText({ stamp, report }));
    return report;
  } finally {
    await effects.remove(work);
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
  { work, effects }: { readonly work: string; readonly effects: Effects },
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const statements = statementsOf(await sqlFile("sql/rooms.sql", import.meta.url, effects));
  for (const statement of statements) {
    const name = /create table (\w+)/.exec(statement)?.[1] ?? "";
    const path = join(work, `${name}.jsonl`);
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
