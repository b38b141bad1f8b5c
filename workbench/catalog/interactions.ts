import { join } from "node:path";
import { StoredInteraction } from "../schema/interaction.ts";
import type { ImportManifest } from "../schema/import.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { INTERACTION_COLUMNS, isoSelectList } from "./columns.ts";
import { openDatabase } from "./database.ts";
import { filesToRead, packsFolder } from "./packs.ts";
import { importsFolder, listImports } from "./segments.ts";
import { filled, sqlFile } from "./sql.ts";
import { laySegmentViews } from "./views.ts";

export interface ReadOptions {
  /** Only these imports (ids), for interactions and late feedback alike. Default: all that no later import replaces. */
  readonly imports?: readonly string[];
  /** Only imports ingested under one of these labels. Feedback joins from every import all the same. */
  readonly labels?: readonly string[];
  /** Late feedback after this instant is left out (ISO text). Default: all. */
  readonly asOf?: string;
  /** Default ["llm"]: only model calls are interactions. */
  readonly kinds?: readonly string[];
}

/**
 * Stored interactions, latest revision of each, ordered by row_key, streamed. `feedback` holds the
 * inline signals first, then the late ones resolved to this row, by (occurred_at, feedback_id).
 * Every file is checked against its manifest's SHA-256 first: WB_INTEGRITY (exit 6) on a difference.
 */
export async function* readInteractions(
  project: Project,
  options: ReadOptions = {},
  effects: Effects = realEffects,
): AsyncGenerator<StoredInteraction> {
  const imports = (await listImports(project, effects)).filter(
    ({ id }) => options.imports?.includes(id) ?? true,
  );
  if (imports.length === 0) return;
  const files = await filesToRead(project, imports, effects);
  const db = await openDatabase({
    allowed: [importsFolder(project), packsFolder(project)],
    temporary: join(project.private, "tmp", Buffer.from(effects.random(6)).toString("hex")),
  });
  try {
    await laySegmentViews(db, { imports, files }, effects);
    const sql = filled(await sqlFile("sql/read-interactions.sql", import.meta.url, effects), {
      columns: isoSelectList(INTERACTION_COLUMNS, { without: ["feedback"] }),
    });
    const params = {
      imports: chosen(imports, options),
      as_of: options.asOf ?? null,
      kinds: options.kinds ?? ["llm"],
    };
    for await (const { row } of db.stream<{ row: string }>(sql, params)) yield parsed(row);
  } finally {
    db.close();
  }
}

function chosen(
  imports: readonly ImportManifest[],
  { imports: ids, labels }: ReadOptions,
): readonly string[] {
  return imports
    .filter(({ id }) => ids === undefined || ids.includes(id))
    .filter(({ source }) => labels === undefined || labels.includes(source.label))
    .map(({ id }) => id);
}

interface Timed {
  readonly occurred_at: string | null;
}

/** A row as to_json gives it; times inside lists still have DuckDB's form. */
function parsed(json: string): StoredInteraction {
  const { inline, late, ...row } = JSON.parse(json) as Record<string, unknown>;
  const feedback = [...((inline ?? []) as readonly Timed[]), ...((late ?? []) as readonly Timed[])].map(
    isoTimed,
  );
  return StoredInteraction.parse({
    ...row,
    feedback,
    steps: ((row["steps"] ?? []) as readonly Timed[]).map(isoTimed),
  });
}

function isoTimed<T extends Timed>(value: T): T {
  return value.occurred_at === null ? value : { ...value, occurred_at: isoText(value.occurred_at) };
}

/** `2026-01-01 00:00:00.5+00` as `2026-01-01T00:00:00.500000Z`. */
export function isoText(text: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?(?:\+00(?::00)?|Z)?$/.exec(text);
  if (!match) throw new RangeError(`not a time in UTC: ${text}`);
  return `${match[1]}T${match[2]}.${(match[3] ?? "").padEnd(6, "0")}Z`;
}
