import { join } from "node:path";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { openDatabase } from "./database.ts";
import type { Params } from "./database.ts";
import { catalogPath, indexProject } from "./index-project.ts";
import { packsFolder } from "./packs.ts";
import { importsFolder } from "./segments.ts";

/** The files of a project as SQL sees them. Hold it briefly: close it as soon as the rows are read. */
export interface Catalog {
  /** Rows of one SELECT with bound `$name` parameters. */
  readonly rows: <T>(sql: string, params?: Params) => Promise<readonly T[]>;
  readonly stream: <T>(sql: string, params?: Params) => AsyncGenerator<T>;
  readonly close: () => void;
}

/**
 * Opens the catalog read-only, bringing it up to date first: every file that its rows are read from is
 * checked against its SHA-256 by then (WB_INTEGRITY, exit 6).
 */
export async function openCatalog(
  project: Project,
  effects: Effects = realEffects,
  { writable }: { readonly writable?: string } = {},
): Promise<Catalog> {
  await indexProject(project, {}, effects);
  const db = await openDatabase({
    path: catalogPath(project),
    readOnly: true,
    allowed: [importsFolder(project), packsFolder(project), ...(writable === undefined ? [] : [writable])],
    temporary: join(project.private, "tmp", Buffer.from(effects.random(6)).toString("hex")),
  });
  return { rows: db.rows, stream: db.stream, close: db.close };
}
