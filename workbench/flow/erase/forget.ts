import { join } from "node:path";
import type { Database } from "../../catalog/database.ts";
import { openDatabase } from "../../catalog/database.ts";
import { catalogLock } from "../../catalog/index-project.ts";
import { allImports, importFolder, importsFolder } from "../../catalog/segments.ts";
import { addMarker, readTombstones, writeTombstone } from "../../catalog/tombstones.ts";
import { WorkbenchError } from "../../errors/error.ts";
import type { WorkspaceKey } from "../../ingest/key.ts";
import { keyOf, workspaceKey } from "../../ingest/key.ts";
import { erasureId } from "../../redact/erased.ts";
import { userKey } from "../../redact/pseudonym.ts";
import type { ImportManifest } from "../../schema/import.ts";
import type { Tombstone } from "../../schema/erasure.ts";
import type { Config } from "../../schema/config.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import { destroyDataKey } from "../../store/raw-vault.ts";
import { withLock } from "../../store/lock.ts";
import type { Project } from "../../store/paths.ts";
import type { Derived, Marking } from "./derived.ts";
import { eraseDataset, erasedVersions, markRuns, scrub, sortTraces } from "./derived.ts";
import { disposablePaths, pageFolders } from "./disposable.ts";
import type { Needles } from "./needles.ts";
import { needlesOf } from "./needles.ts";
import type { Mine } from "./rows.ts";
import { findMine } from "./rows.ts";
import { rewriteSegment } from "./segments.ts";
import type { Erasing, Touched } from "./touched.ts";
import { findTouched } from "./touched.ts";
import type { Trace } from "./traces.ts";
import { findTraces } from "./traces.ts";

export interface ForgetRequest {
  readonly project: Project;
  readonly config: Config;
  /** The id as the logs have it, or its pseudonym `[USER:…]`. */
  readonly user: string;
  /** 32 bytes. Default: the workspace key. */
  readonly key?: Uint8Array;
  /** False only looks. */
  readonly yes: boolean;
}

/** What is there of a person, or what went. */
export interface ForgetReport {
  readonly erasure: string;
  /** False: nothing was changed, this is what `--yes` would do. */
  readonly done: boolean;
  readonly rows: number;
  readonly segments: readonly { readonly import: string; readonly rows: number; readonly changed: number; readonly quarantined: number }[]; // prettier-ignore
  readonly datasets: readonly string[];
  /** Runs whose lines went, and after the deed every run that is marked. */
  readonly runs: readonly string[];
  /** Encrypted raw texts whose key is destroyed. */
  readonly raw: number;
  readonly caches: readonly string[];
  readonly pages: readonly string[];
  /** Files that the workbench did not write and will not touch. */
  readonly foreign: readonly string[];
  /** Files that still hold something, by a search over every byte; null before the deed. */
  readonly left: readonly string[] | null;
}

/**
 * Erases a person from the project: rows, quarantined texts, raw texts, dataset versions, caches, runs
 * and pages; marks what was built on them; leaves a tombstone, so that the same log does not bring them
 * back; and searches every file at the end. A kill at any point, then the same command, finishes it.
 */
export async function forget(request: ForgetRequest, effects: Effects = realEffects): Promise<ForgetReport> {
  const { project, config, user } = request;
  const key = request.key ? keyOf(request.key) : await workspaceKey(config, effects);
  const look = async (): Promise<ForgetReport> => {
    await removeInterrupted(project, effects);
    const temporary = join(project.private, `tmp-forget-${Buffer.from(effects.random(6)).toString("hex")}`);
    const db = await openDatabase({ allowed: [project.root], temporary });
    try {
      const found = await find({ request, key, db }, effects);
      return request.yes ? await erase(found, effects) : reportOf(found);
    } finally {
      db.close();
      await effects.remove(temporary);
    }
  };
  if (user.trim() === "") throw nobody();
  return withLock(join(project.private, "ingest.lock"), "workbench forget", look, effects);
}

interface Looking {
  readonly request: ForgetRequest;
  readonly key: WorkspaceKey;
  readonly db: Database;
}

interface Found extends Erasing {
  readonly at: string;
  /** An erasure that was seen through before; a row that came since is found like any other. */
  readonly isFinished: boolean;
  readonly mine: Mine;
  /** What the person is called, and what they wrote. */
  readonly all: Needles;
  /** Every segment, and those of them that hold something. */
  readonly imports: readonly ImportManifest[];
  readonly touched: readonly Touched[];
  readonly derived: Derived;
}

async function find({ request, key, db }: Looking, effects: Effects): Promise<Found> {
  const { project, user } = request;
  const pseudonym = userKey(user, key.bytes) ?? user;
  const erasure = erasureId(pseudonym, key.bytes);
  const before = (await readTombstones(project, effects)).find(({ id }) => id === erasure);
  const mine = await findMine({ project, db, userKey: pseudonym, known: before?.rowKeys ?? [] }, effects);
  const names = [pseudonym, ...rawIds(user), ...mine.interactionIds];
  const needles = needlesOf(names);
  const all = needlesOf([...names, ...mine.texts]);
  const erasing: Erasing = {
    project,
    db,
    needles,
    erasure,
    rowKeys: mine.rowKeys,
    person: pseudonym,
    workspace: key.bytes,
  };
  const except = [importsFolder(project), ...(await disposablePaths(project, effects))];
  const imports = await allImports(project, effects);
  return {
    ...erasing,
    at: before?.at ?? effects.now().toISOString(),
    isFinished: (before?.finishedAt ?? null) !== null,
    mine,
    all,
    imports,
    touched: await findTouched(erasing, imports, effects),
    derived: sortTraces(await findTraces(project, { needles: all, db, except }, effects)),
  };
}

/** A short id is also a word of other texts: only one of six characters with a digit or sign is searched for. */
function rawIds(user: string): readonly string[] {
  return user.length >= 6 && /[\d@_.:-]/.test(user) && !user.startsWith("[USER:") ? [user] : [];
}

/** Derived things first and the store last: until the rows are gone, they can be found again. */
async function erase(found: Found, effects: Effects): Promise<ForgetReport> {
  const { project, erasure: id, at, mine, derived, touched, all } = found;
  if (touched.length === 0 && traceCount(derived) === 0 && (found.isFinished || mine.rowKeys.length === 0))
    return { ...reportOf(found), done: true, left: await leftovers(found, effects) };
  const stone = (finishedAt: string | null): Tombstone => ({
    schema: "workbench/erasure@1",
    id,
    at,
    finishedAt,
    rowKeys: [...mine.rowKeys],
  });
  await writeTombstone(project, stone(null), effects);
  await destroyDataKey(project, found, effects);
  const marking: Marking = { project, erasure: { id, at }, needles: all };
  for (const dataset of derived.datasets) await eraseDataset(dataset, marking, effects);
  for (const trace of [...derived.runs, ...derived.caches]) {
    const [, run] = /^runs\/([^/]+)\//.exec(trace.shown) ?? [];
    const because = "lines with rows of an erased person were taken out of it";
    if (run !== undefined) await addMarker(join(project.runs, run), { id, at, because }, effects);
    await scrub(trace, all, effects);
  }
  const held = (await erasedVersions(marking, effects)).filter((version) => version.held);
  const marked = await markRuns(held.map(({ digest }) => digest), marking, effects); // prettier-ignore
  for (const path of pageFolders(project)) await effects.remove(path);
  // A catalog that is built meanwhile would be built from the old segments.
  await withLock(catalogLock(project), "workbench forget", () => rewrite(found, effects), effects);
  const left = await leftovers(found, effects);
  await writeTombstone(project, stone(effects.now().toISOString()), effects);
  const report = reportOf(found);
  return { ...report, runs: [...new Set([...report.runs, ...marked])].sort(), done: true, left };
}

async function rewrite(found: Found, effects: Effects): Promise<void> {
  for (const path of await disposablePaths(found.project, effects)) await effects.remove(path);
  for (const segment of found.touched) await rewriteSegment(segment, found, effects);
}

/**
 * The search at the end is over every file; segments in which nothing was found stand as they were searched.
 * In the rows of others the words of a text may stand by chance, a name may not.
 */
async function leftovers(found: Found, effects: Effects): Promise<readonly string[]> {
  const { project, needles, all, db, imports, touched } = found;
  const folder = importsFolder(project);
  const outside = await findTraces(project, { needles: all, db, except: [folder] }, effects);
  const again = new Set(touched.map(({ manifest }) => manifest.id));
  const searched = imports
    .filter(({ id }) => !again.has(id))
    .flatMap(({ id, files }) => files.map(({ path }) => join(importFolder(project, id), path)));
  const inside = await findTraces(project, { needles, db, except: searched, folder }, effects);
  return [...outside, ...inside].map(({ shown }) => shown).sort();
}

/** What an interrupted import or erasure left half written; nothing reads it. */
async function removeInterrupted(project: Project, effects: Effects): Promise<void> {
  const folder = importsFolder(project);
  for (const name of await effects.list(folder))
    if (name.startsWith("staging-") || !(await effects.stat(join(folder, name, "manifest.json"))))
      await effects.remove(join(folder, name));
  for (const name of await effects.list(project.private))
    if (name.startsWith("tmp-forget-")) await effects.remove(join(project.private, name));
}

const traceCount = ({ datasets, runs, caches, pages }: Derived): number =>
  datasets.length + runs.length + caches.length + pages.length;

function reportOf({ erasure, mine, touched, derived }: Found): ForgetReport {
  const shown = (traces: readonly Trace[]): string[] => traces.map((trace) => trace.shown);
  const runs = derived.runs.map((trace) => trace.shown.split("/")[1] ?? "");
  return {
    erasure,
    done: false,
    rows: mine.rowKeys.length,
    segments: touched.map(({ manifest, gone, changed, quarantined }) => ({
      import: manifest.id,
      rows: gone.length,
      changed: changed.length,
      quarantined,
    })),
    datasets: derived.datasets.map(({ folder }) => folder),
    runs: [...new Set(runs)].sort(),
    raw: touched.reduce((sum, { raw }) => sum + raw.size, 0),
    caches: shown(derived.caches),
    pages: shown(derived.pages),
    foreign: shown(derived.foreign),
    left: null,
  };
}

function nobody(): WorkbenchError {
  return new WorkbenchError({
    code: "WB_USAGE",
    where: "<user>",
    what: "the user's id is empty",
    fix: "give the id as the logs have it, or its pseudonym, such as '[USER:k3fxqa7m2x]'",
  });
}
