import { createHash } from "node:crypto";
import { join } from "node:path";
import { columnsLiteral } from "../../catalog/columns.ts";
import { openDatabase, sqlText } from "../../catalog/database.ts";
import { filled, sqlFile } from "../../catalog/sql.ts";
import type { ExposureManifest } from "../../schema/experiment.ts";
import { jsonText } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import { readExposure, type LineContext } from "./exposure-lines.ts";
import { EXPOSURE_COLUMNS, EXPOSURES_FILE } from "./exposure-segments.ts";

export const QUARANTINE_FILE = "quarantine.jsonl";

export interface Spool {
  readonly folder: string;
  readonly key: Uint8Array;
  readonly experiments: LineContext["experiments"];
}

const FLUSH_LINES = 5_000;

/** Writes good lines to a spool and the others to quarantine, a few thousand at a time. */
export async function spool(
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
export async function toParquet(folder: string, effects: Effects): Promise<number> {
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
