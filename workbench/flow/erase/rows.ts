import { FEEDBACK_COLUMNS, INTERACTION_COLUMNS } from "../../catalog/columns.ts";
import type { Database } from "../../catalog/database.ts";
import { FEEDBACK_FILE, ROWS_FILE, allImports, verifySegment } from "../../catalog/segments.ts";
import { filled, sqlFile } from "../../catalog/sql.ts";
import { segmentRelation } from "../../catalog/views.ts";
import type { ImportManifest } from "../../schema/import.ts";
import type { Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";

/** What the store holds of one person. */
export interface Mine {
  /** Of interactions and feedback records, sorted; those of an erasure that was interrupted included. */
  readonly rowKeys: readonly string[];
  readonly interactionIds: readonly string[];
  /** What they wrote and were answered, where nobody else's row says the same. */
  readonly texts: readonly string[];
}

export interface Asking {
  readonly project: Project;
  readonly db: Database;
  readonly userKey: string;
  /** Row keys of an earlier, perhaps interrupted, erasure of this person. */
  readonly known: readonly string[];
}

interface MyRow {
  readonly row_key: string;
  readonly interaction_id: string;
  readonly import_id: string;
}

/** Finds the rows of a person in every segment, replaced ones included. Every file is checked first. */
export async function findMine({ project, db, userKey, known }: Asking, effects: Effects): Promise<Mine> {
  const imports = await allImports(project, effects);
  for (const manifest of imports) await verifySegment(project, manifest, effects);
  const query = async (name: string, files: string): Promise<string> =>
    filled(await sqlFile(`sql/${name}.sql`, import.meta.url, effects), { files });
  const rows = rowsOf(project, imports);
  await db.run(await query("mine", rows), { user: userKey, known });
  const mine = await db.rows<MyRow>("select row_key, interaction_id, import_id from mine order by row_key");
  const given = await db.rows<{ row_key: string }>(
    await query("mine-feedback", feedbackOf(project, imports)),
    { user: userKey, known },
  );
  const held = new Set(mine.map(({ import_id }) => import_id));
  await db.run(await query("candidates", rowsOf(project, imports.filter(({ id }) => held.has(id)))));
  const [some] = await db.rows("from candidates limit 1");
  const texts = some ? await db.rows<{ text: string }>(await query("own-texts", rows)) : [];
  return {
    rowKeys: [...new Set([...known, ...[...mine, ...given].map(({ row_key }) => row_key)])].sort(),
    interactionIds: [...new Set(mine.map(({ interaction_id }) => interaction_id))].sort(),
    texts: texts.map(({ text }) => text),
  };
} // prettier-ignore

/** The rows of some imports as a relation. */
export const rowsOf = (project: Project, imports: readonly ImportManifest[]): string =>
  `(${segmentRelation(project, imports, { file: ROWS_FILE, columns: INTERACTION_COLUMNS })})`;

export const feedbackOf = (project: Project, imports: readonly ImportManifest[]): string =>
  `(${segmentRelation(project, imports, { file: FEEDBACK_FILE, columns: FEEDBACK_COLUMNS })})`;
