import type { Database } from "../../catalog/database.ts";
import { FEEDBACK_FILE, ROWS_FILE, allImports, segmentFile, verifySegment } from "../../catalog/segments.ts";
import { sqlFile } from "../../catalog/sql.ts";
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

/** Finds the rows of a person in every segment, replaced ones included. Every file is checked first. */
export async function findMine({ project, db, userKey, known }: Asking, effects: Effects): Promise<Mine> {
  const imports = await allImports(project, effects);
  for (const manifest of imports) await verifySegment(project, manifest, effects);
  const rows = filesOf(project, imports, ROWS_FILE);
  const feedback = filesOf(project, imports, FEEDBACK_FILE);
  const query = (name: string): Promise<string> => sqlFile(`sql/${name}.sql`, import.meta.url, effects);
  if (rows.length > 0) await db.run(await query("narrow"), { files: rows });
  else
    await db.run(
      "create temp table narrow (row_key varchar, interaction_id varchar, source_id varchar, conversation_id varchar, trace_id varchar, user_key varchar)",
    );
  await db.run(await query("mine"), { user: userKey, known });
  const mine = await db.rows<{ row_key: string; interaction_id: string }>(
    "select row_key, interaction_id from mine order by row_key",
  );
  const given =
    feedback.length === 0
      ? []
      : await db.rows<{ row_key: string }>(await query("mine-feedback"), {
          files: feedback,
          user: userKey,
          known,
        });
  const texts =
    mine.length === 0 ? [] : await db.rows<{ text: string }>(await query("texts"), { files: rows });
  return {
    rowKeys: [...new Set([...known, ...[...mine, ...given].map(({ row_key }) => row_key)])].sort(),
    interactionIds: [...new Set(mine.map(({ interaction_id }) => interaction_id))].sort(),
    texts: texts.map(({ text }) => text),
  };
}

function filesOf(project: Project, imports: readonly ImportManifest[], name: string): readonly string[] {
  return imports.flatMap((manifest) => segmentFile(project, manifest, name) ?? []);
}
