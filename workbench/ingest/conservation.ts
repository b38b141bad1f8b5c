import { join } from "node:path";
import { QUARANTINE_FILE } from "../catalog/segments.ts";
import { WorkbenchError } from "../errors/error.ts";
import type { ImportCounts } from "../schema/import.ts";
import type { Effects } from "../store/effects.ts";
import type { Loaded } from "./load.ts";
import { quarantineCount } from "./quarantine.ts";
import type { ReadOutcome } from "./read-all.ts";

interface Counting {
  readonly read: ReadOutcome;
  readonly loaded: Loaded;
  /** What to call the source in an error. */
  readonly shown: string;
  readonly effects: Effects;
}

/**
 * read = stored + known + quarantined, each counted from what was written. Throws WB_CONSERVATION
 * (exit 6) when they do not add up, and then keeps nothing of the import.
 */
export async function conserved(
  folder: string,
  { read, loaded, shown, effects }: Counting,
): Promise<ImportCounts> {
  const quarantined = await quarantineCount(join(folder, QUARANTINE_FILE), effects);
  const counts = {
    read: read.records,
    stored: loaded.stored,
    known: loaded.known + read.replays,
    quarantined,
    blank: read.blank,
    ...(read.erased.length === 0 ? {} : { erased: new Set(read.erased.map(({ line }) => line)).size }),
  };
  if (counts.read === counts.stored + counts.known + counts.quarantined) return counts;
  await effects.remove(folder);
  throw new WorkbenchError({
    code: "WB_CONSERVATION",
    where: shown,
    what: `${counts.read} records read, but ${counts.stored} stored + ${counts.known} known + ${counts.quarantined} quarantined`,
    why: "a record was lost or doubled on the way, so nothing of this import was kept",
    fix: "run the same command again with --debug, and report it",
  });
}
