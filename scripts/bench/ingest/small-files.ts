import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Cost } from "./process-tree.ts";
import { generateLog } from "./generate.ts";
import type { Workplace } from "./workplace.ts";

export interface SmallFiles {
  readonly files: number;
  readonly lines: number;
  /** One command for the folder. */
  readonly folder: Cost;
  /** One more file of one line, by a command of its own, when all these imports are there. */
  readonly oneMore: Cost;
  /** The catalog of all these imports, and again when one more has come. */
  readonly index: Cost;
  readonly indexMore: Cost;
  readonly query: Cost;
  readonly overview: Cost;
}

const LINES = 5;

/** Imports a folder of many small logs, then one line more. */
export async function smallFiles(place: Workplace, files: number): Promise<SmallFiles> {
  const folder = place.path("small");
  await mkdir(folder, { recursive: true });
  for (let n = 0; n < files; n++)
    await generateLog(join(folder, `${n}.jsonl`), {
      rows: LINES,
      kind: "workbench",
      seed: "1",
      from: n * LINES,
    });
  const cost = await place.ingest("many", folder, "--format", "workbench");
  const index = await place.command("many", "index");
  const one = place.path("one.jsonl");
  await generateLog(one, { rows: 1, kind: "workbench", seed: "1", from: files * LINES });
  const oneMore = await place.ingest("many", one, "--format", "workbench");
  const indexMore = await place.command("many", "index");
  const query = await place.command("many", "logs", "--sql", "select count(*) from interactions");
  const shown = await place.command("many", "logs", "overview");
  return { files, lines: LINES, folder: cost, oneMore, index, indexMore, query, overview: shown };
}
