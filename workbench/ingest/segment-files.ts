import { join } from "node:path";
import { QUARANTINE_FILE } from "../catalog/segments.ts";
import type { Effects } from "../store/effects.ts";
import { rowFile } from "../store/parquet/row-file.ts";
import type { BatchRead } from "./batch.ts";
import { FEEDBACK, INTERACTIONS } from "./batch.ts";
import { lineFile } from "./spool.ts";

/** The files of an import that grow while its source is read. */
export interface SegmentFiles {
  readonly append: (read: BatchRead) => Promise<void>;
  /** Ends them, as those of this import. */
  readonly end: (importId: string) => Promise<void>;
}

export async function segmentFiles(folder: string, effects: Effects): Promise<SegmentFiles> {
  const rows = await rowFile(join(folder, "rows.spool"), INTERACTIONS, effects);
  const feedback = await rowFile(join(folder, "feedback.spool"), FEEDBACK, effects);
  const quarantine = await lineFile(folder, QUARANTINE_FILE, effects);
  const keys = join(folder, "keys.csv");
  await effects.write(keys, "", { mode: 0o600 });
  return {
    append: async (read) => {
      for (const group of read.interactions) await rows.append(group);
      for (const group of read.feedback) await feedback.append(group);
      if (read.keys !== "") await effects.append(keys, read.keys);
      for (const line of read.quarantined) {
        quarantine.add(JSON.stringify(line));
        if (quarantine.isFull()) await quarantine.flush();
      }
      await quarantine.flush();
    },
    end: async (importId) => {
      await rows.end({ import_id: importId });
      await feedback.end({ import_id: importId });
    },
  };
}
