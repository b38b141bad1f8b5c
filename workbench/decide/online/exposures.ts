import { createHash } from "node:crypto";
import { basename, join, resolve } from "node:path";
import { columnsLiteral, type Columns } from "../../catalog/columns.ts";
import { openDatabase, sqlText } from "../../catalog/database.ts";
import { filled, sqlFile } from "../../catalog/sql.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { digestOf, sha256 } from "../../schema/canonical.ts";
import { ExposureManifest } from "../../schema/experiment.ts";
import { jsonText, writeOnce } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import { fileRef, hashFile, verifyFiles } from "../../store/hash.ts";
import { withLock } from "../../store/lock.ts";
import type { Project } from "../../store/paths.ts";
import { readAs } from "../../store/read-json.ts";
import { readExperiments } from "./experiment-file.ts";
import { readExposure, type LineContext } from "./exposure-lines.ts";

export const EXPOSURES_FILE = "exposures.parquet";
const QUARANTINE_FILE = "quarantine.jsonl";

/** Columns of `exposures.parquet`, pinned. */
export const EXPOSURE_COLUMNS: Columns = {
  line_no: "INTEGER",
  experiment: "VARCHAR",
  unit: "VARCHAR",
  arm: "VARCHAR",
  bucket: "INTEGER",
  stage: "DOUBLE",
  exposed_at: "TIMESTAMPTZ",
  policy_sha256: "VARCHAR",
  alias: "VARCHAR",
  fallback: "BOOLEAN",
  slices: "MAP(VARCHAR, VARCHAR)",
  as_hashed: "BOOLEAN",
};

export const exposuresFolder = (project: Project): string => join(project.private, "exposures");

export interface ExposureRequest {
  readonly project: Project;
  /** JSON Lines files. */
  readonly sources: readonly string[];
  /** The workspace key and its id: units become the same pseudonyms as in the interactions. */
  readonly key: { readonly bytes: Uint8Array; readonly id: string };
}

/** Reads exposure logs into segments of their own; every line is stored, blank or in quarantine. The same bytes again change nothing. */
export async function ingestExposures(
  request: ExposureRequest,
  effects: Effects = realEffects,
): Promise<readonly ExposureManifest[]> {
  const { project, sources } = request;
  const experiments = new Map((await readExperiments(project, effects)).map((one) => [one.name, one]));
  return withLock(
    join(project.private, "exposures.lock"),
    "workbench experiment ingest",
    async () => {
      const done: ExposureManifest[] = [];
      for (const source of sources)
        done.push(await ingestOne(resolve(source), { ...request, experiments }, effects));
      return done;
    },
    effects,
  );
}

type Work = ExposureRequest & Pick<LineContext, "experiments">;

async function ingestOne(
  path: string,
  { project, key, experiments }: Work,
  effects: Effects,
): Promise<ExposureManifest> {
  const source = { name: basename(path), ...(await hashFile(path, effects)) };
  const id = digestOf({ sha256: source.sha256, keyId: key.id, importer: "exposures@1" }).slice(0, 32);
  const folder = join(exposuresFolder(project), id);
  const manifestPath = join(folder, "manifest.json");
  if (await effects.stat(manifestPath)) return readAs(ExposureManifest, manifestPath, effects);
  await effects.remove(folder); // an ingest that was interrupted
  await effects.mkdir(folder);
  const counts = await spool(path, { folder, key: key.bytes, experiments }, effects);
  if (counts.read !== counts.stored + counts.quarantined)
    throw new WorkbenchError({
      code: "WB_CONSERVATION",
      where: source.name,
      what: `${counts.read} lines were read, ${counts.stored} stored and ${counts.quarantined} quarantined`,
      fix: "run the command again; if it persists, report it",
    });
  const stored = await toParquet(folder, effects);
  if (stored !== counts.stored)
    throw new WorkbenchError({
      code: "WB_CONSERVATION",
      where: source.name,
      what: `${counts.stored} exposures were read and ${stored} are in the segment`,
      fix: "run the command again; if it persists, report it",
    });
  const manifest: ExposureManifest = {
    schema: "workbench/exposures@1",
    id,
    source,
    keyId: key.id,
    counts,
    files: [await fileRef(folder, EXPOSURES_FILE, effects), await fileRef(folder, QUARANTINE_FILE, effects)],
    at: effects.now().toISOString(),
  };
  await writeOnce(manifestPath, jsonText(manifest), effects);
  return manifest;
}

interface Spool {
  readonly folder: string;
  readonly key: Uint8Array;
  readonly experiments: LineContext["experiments"];
}

const FLUSH_LINES = 5_000;

/** Writes good lines to a spool and the others to quarantine, a few thousand at a time. */
async function spool(
  path: string,
  { folder, key, experiments }: Spool,
  effects: Effects,
): Promise<ExposureManifest["counts"]> {
  const counts = { read: 0, stored: 0, quarantined: 0, blank: 0 };
  const held = { good: [] as string[], bad: [] as string[] };
  const flush = async (): Promise<void> => {
    await effects.append(join(folder, "spool.jsonl"), held.good.splice(0).join(""));
    await effects.append(join(folder, QUARANTINE_FILE), held.bad.splice(0).join(""));
  };
  await flush();
  let lineNo = 0;
  for await (const { bytes, offset } of linesOf(path, effects)) {
    lineNo++;
    const line = readExposure(bytes, { lineNo, key, experiments });
    if (line.kind === "blank") {
      counts.blank++;
      continue;
    }
    counts.read++;
    if (line.kind === "exposure") {
      counts.stored++;
      held.good.push(jsonText(line.value));
    } else {
      counts.quarantined++;
      const { reason, detail } = line;
      const sha256OfLine = createHash("sha256").update(bytes).digest("hex");
      held.bad.push(
        jsonText({
          line: lineNo,
          byteOffset: offset,
          byteLength: bytes.length,
          sha256: sha256OfLine,
          reason,
          detail,
        }),
      );
    }
    if (held.good.length + held.bad.length >= FLUSH_LINES) await flush();
  }
  await flush();
  return counts;
}

/** A line is cut at this length in memory; what is longer is quarantined anyway. */
const LONGEST_HELD = 1 << 20;

async function* linesOf(
  path: string,
  effects: Effects,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly offset: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  let dropped = 0;
  for await (const chunk of effects.stream(path)) {
    let start = 0;
    const bytes = Buffer.from(chunk);
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      const line =
        rest.length === 0 ? bytes.subarray(start, end) : Buffer.concat([rest, bytes.subarray(start, end)]);
      yield { bytes: line, offset };
      offset += line.length + dropped + 1;
      dropped = 0;
      rest = Buffer.alloc(0);
      start = end + 1;
    }
    const tail = bytes.subarray(start);
    const kept = tail.subarray(0, Math.max(0, LONGEST_HELD - rest.length));
    dropped += tail.length - kept.length;
    rest = Buffer.concat([rest, kept]);
  }
  if (rest.length > 0) yield { bytes: rest, offset };
}

/** The spool as one Parquet file, in line order; gives its count of rows. */
async function toParquet(folder: string, effects: Effects): Promise<number> {
  const spoolPath = join(folder, "spool.jsonl");
  const target = join(folder, EXPOSURES_FILE);
  const db = await openDatabase({ allowed: [folder], temporary: join(folder, "tmp") });
  try {
    const sql = filled(await sqlFile("sql/write-exposures.sql", import.meta.url, effects), {
      columns: columnsLiteral(EXPOSURE_COLUMNS),
      target: sqlText(target),
    });
    await db.run(sql, { spool: spoolPath });
    const [row] = await db.rows<{ n: number }>("select count(*)::integer as n from read_parquet($target)", {
      target,
    });
    await effects.fsync(target);
    return row?.n ?? -1;
  } finally {
    db.close();
    await effects.remove(join(folder, "tmp"));
    await effects.remove(spoolPath);
  }
}

/** Finished exposure segments, by id. */
export async function listExposures(
  project: Project,
  effects: Effects = realEffects,
): Promise<readonly ExposureManifest[]> {
  const found: ExposureManifest[] = [];
  for (const id of await effects.list(exposuresFolder(project))) {
    const path = join(exposuresFolder(project), id, "manifest.json");
    if (/^[0-9a-f]{32}$/.test(id) && (await effects.stat(path)))
      found.push(await readAs(ExposureManifest, path, effects));
  }
  return found;
}

/** Checks a segment against its manifest before a number is read from it. */
export async function verifyExposures(
  project: Project,
  manifest: ExposureManifest,
  effects: Effects,
): Promise<void> {
  await verifyFiles(join(exposuresFolder(project), manifest.id), manifest.files, effects);
}

/** One digest over the content of segments, whatever their order. */
export function evidenceDigest(digests: readonly string[]): string {
  return sha256([...digests].sort().join("\n"));
}
