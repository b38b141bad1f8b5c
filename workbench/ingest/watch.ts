import { WorkbenchError } from "../errors/error.ts";
import { asWorkbenchError } from "../errors/render.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { ingest } from "./ingest.ts";
import type { IngestRequest } from "./request.ts";
import type { SourceReport } from "./source-report.ts";
import { freshFiles, inBatches } from "./watch-folder.ts";
import type { Fresh } from "./watch-folder.ts";

export interface WatchRequest {
  readonly request: Omit<IngestRequest, "sources">;
  readonly folder: string;
  /** The longest time between two looks, and the shortest between two that import. */
  readonly intervalMs: number;
  /** How long a file that is read whole (archive, array, CSV, Parquet) must have been left alone. */
  readonly settleMs: number;
  /** Look once, then end. */
  readonly once: boolean;
  /** Ends the watch after the imports that are under way. */
  readonly signal: AbortSignal;
  readonly onImport: (report: SourceReport) => void;
  /** Told once for each state of a file that cannot be read; the watch goes on. */
  readonly onTrouble: (path: string, error: WorkbenchError) => void;
}

export interface WatchSummary {
  readonly imports: number;
  readonly read: number;
  readonly stored: number;
  readonly quarantined: number;
  /** Files that could not be read in the state they were last seen in. */
  readonly troubled: number;
}

const SLICE_MS = 100;
/** A look at many files takes a while: where something is written to all the time, it is a tenth of ours. */
const REST_TO_LOOK = 9;

/** What one watch remembers. All else is in the store. */
interface Memory {
  /** Each file as it was when it was last read. */
  readonly seen: Map<string, string>;
  readonly troubled: Set<string>;
  readonly total: { imports: number; read: number; stored: number; quarantined: number };
}

/**
 * Keeps ingesting what appears and grows below a folder. All state is in the store: whatever kills
 * this, the next one reads on where the last import ended, and each record is stored once.
 */
export async function watch(watching: WatchRequest, effects: Effects = realEffects): Promise<WatchSummary> {
  const { folder, intervalMs, signal, once } = watching;
  const memory: Memory = {
    seen: new Map(),
    troubled: new Set(),
    total: { imports: 0, read: 0, stored: 0, quarantined: 0 },
  };
  const { seen, total, troubled } = memory;
  let changed = false;
  const letGo = once ? () => undefined : effects.watchFolder(folder, () => (changed = true));
  try {
    for (;;) {
      changed = false;
      const [before, began] = [total.imports, effects.monotonicMs()];
      const files = await freshFiles(watching, seen, effects);
      const restMs = Math.min(intervalMs, REST_TO_LOOK * (effects.monotonicMs() - began));
      for (const batch of inBatches(files)) if (!signal.aborted) await take(batch, watching, memory, effects);
      if (once) break;
      const hasImported = total.imports > before;
      const isDue = (afterMs: number): boolean => changed && !hasImported && afterMs >= restMs;
      await pause(intervalMs, (afterMs) => signal.aborted || isDue(afterMs), effects);
      if (signal.aborted) break;
    }
    return { ...total, troubled: troubled.size };
  } finally {
    letGo();
  }
}

/** Ingests some files by one command, so that what a command costs is not paid for each. */
async function take(batch: readonly Fresh[], watching: WatchRequest, memory: Memory, effects: Effects): Promise<void> {
  const { request, once, onTrouble } = watching;
  for (let rest = batch; rest.length > 0;) {
    let done = 0;
    const onReport = (report: SourceReport): void => note(rest[done++], report, { watching, memory });
    const sources = rest.map(({ path }) => ({ path, shown: path }));
    try {
      await ingest({ ...request, sources, readOn: true, onReport }, effects);
      return;
    } catch (thrown) {
      const error = asWorkbenchError(thrown);
      if (error.code === "WB_LOCK_BUSY" && !once) return; // they are fresh at the next look, too
      const failed = rest[done];
      // A rotted store or a full disk does not heal by the next file.
      if (error.exitCode !== 2 || failed === undefined) throw thrown;
      memory.seen.set(failed.path, failed.mark);
      memory.troubled.add(failed.path);
      onTrouble(failed.path, error);
      rest = rest.slice(done + 1);
    }
  }
} // prettier-ignore

function note(
  file: Fresh | undefined,
  report: SourceReport,
  { watching, memory }: { readonly watching: WatchRequest; readonly memory: Memory },
): void {
  if (file === undefined) return;
  const { seen, troubled, total } = memory;
  seen.set(file.path, file.mark);
  if (report.refused) {
    troubled.add(file.path);
    watching.onTrouble(file.path, new WorkbenchError({ ...report.refused, where: file.path }));
    return;
  }
  troubled.delete(file.path);
  if (report.import === null || report.outcome === "unchanged") return;
  total.imports++;
  for (const name of ["read", "stored", "quarantined"] as const) total[name] += report.counts[name];
  watching.onImport(report);
}

/** Waits until so much time has gone by or it is over; that is asked with the time so far. */
async function pause(ms: number, isOver: (afterMs: number) => boolean, effects: Effects): Promise<void> {
  const start = effects.monotonicMs();
  for (let after = 0; after < ms && !isOver(after); after = effects.monotonicMs() - start)
    await effects.sleep(Math.min(SLICE_MS, ms - after));
}
