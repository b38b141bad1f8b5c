import { WorkbenchError } from "../errors/error.ts";
import { asWorkbenchError } from "../errors/render.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { ingest } from "./ingest.ts";
import type { IngestRequest } from "./request.ts";
import type { SourceReport } from "./source-report.ts";
import { findFiles } from "./source.ts";

export interface WatchRequest {
  readonly request: Omit<IngestRequest, "sources">;
  readonly folder: string;
  /** The longest time between two looks, and the shortest between two that import. */
  readonly intervalMs: number;
  /** How long a file that is read whole (archive, array, CSV, Parquet) must have been left alone. */
  readonly settleMs: number;
  /** Look once, then end. */
  readonly once: boolean;
  /** Ends the watch after the import that is under way. */
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
/** Files that are read as they grow, a tail at a time. */
const GROWING = /\.(?:jsonl|ndjson|log)$/i;

/**
 * Keeps ingesting what appears and grows below a folder. All state is in the store: whatever kills
 * this, the next one reads on where the last import ended, and each record is stored once.
 */
export async function watch(watching: WatchRequest, effects: Effects = realEffects): Promise<WatchSummary> {
  const { folder, intervalMs, signal, once } = watching;
  const seen = new Map<string, string>();
  const troubled = new Set<string>();
  const total = { imports: 0, read: 0, stored: 0, quarantined: 0 };
  const isOver = (): boolean => signal.aborted;
  let changed = false;
  const letGo = once ? () => undefined : effects.watchFolder(folder, () => (changed = true));
  try {
    for (;;) {
      changed = false;
      const before = total.imports;
      for (const { path, mark } of await fresh(watching, seen, effects)) {
        if (isOver()) break;
        const report = await take(path, watching, effects);
        if (report === "busy") continue;
        seen.set(path, mark);
        if (report === "trouble") troubled.add(path);
        else troubled.delete(path);
        if (typeof report === "string" || report.import === null || report.outcome === "unchanged") continue;
        total.imports++;
        for (const name of ["read", "stored", "quarantined"] as const) total[name] += report.counts[name];
        watching.onImport(report);
      }
      if (once || isOver()) return { ...total, troubled: troubled.size };
      const hasImported = total.imports > before;
      await pause(intervalMs, () => isOver() || (changed && !hasImported), effects);
      if (isOver()) return { ...total, troubled: troubled.size };
    }
  } finally {
    letGo();
  }
}

interface Fresh {
  readonly path: string;
  /** Size and time before it was read: what comes while it is read is another mark. */
  readonly mark: string;
}

/** Files that are new or changed since they were last read, and fit to be read now. */
async function fresh(
  { folder, settleMs }: WatchRequest,
  seen: ReadonlyMap<string, string>,
  effects: Effects,
): Promise<readonly Fresh[]> {
  const found: Fresh[] = [];
  for (const { path } of await filesIn(folder, effects)) {
    const info = path === null ? null : await effects.stat(path);
    if (path === null || !info) continue;
    const mark = `${info.size} ${info.mtimeMs}`;
    const isSettled = GROWING.test(path) || effects.now().getTime() - info.mtimeMs >= settleMs;
    if (info.size > 0 && isSettled && seen.get(path) !== mark) found.push({ path, mark });
  }
  return found;
}

/** A folder that holds nothing yet is no error: that is what one watches for. */
async function filesIn(folder: string, effects: Effects): ReturnType<typeof findFiles> {
  try {
    return await findFiles(folder, effects);
  } catch (error) {
    const info = await effects.stat(folder);
    if (error instanceof WorkbenchError && info?.isDirectory) return [];
    throw error;
  }
}

async function take(
  path: string,
  { request, once, onTrouble }: WatchRequest,
  effects: Effects,
): Promise<SourceReport | "busy" | "trouble"> {
  try {
    const { sources } = await ingest({ ...request, sources: [path] }, effects);
    return sources[0] ?? "trouble";
  } catch (thrown) {
    const error = asWorkbenchError(thrown);
    if (error.code === "WB_LOCK_BUSY" && !once) return "busy";
    // A rotted store or a full disk does not heal by the next file.
    if (error.exitCode !== 2) throw thrown;
    onTrouble(path, error);
    return "trouble";
  }
}

async function pause(ms: number, isOver: () => boolean, effects: Effects): Promise<void> {
  const end = effects.monotonicMs() + ms;
  for (let left = ms; left > 0 && !isOver(); left = end - effects.monotonicMs())
    await effects.sleep(Math.min(SLICE_MS, left));
}
