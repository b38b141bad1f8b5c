import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import type { Cost } from "./process-tree.ts";
import { generateLog } from "./generate.ts";
import type { Workplace } from "./workplace.ts";
import { appendFile, readFile } from "node:fs/promises";

/** Imports a log of two hundred lines with one of `megabytes` in their middle, which goes to the quarantine. */
export async function longLine(place: Workplace, megabytes: number): Promise<Cost> {
  const path = place.path("long.jsonl");
  const neighbours = await generateLog(path, { rows: 100, kind: "workbench", seed: "2" });
  const text = await readFile(path);
  const out = createWriteStream(path, { flags: "a" });
  const piece = Buffer.alloc(1 << 20, "x");
  out.write('{"schema":"workbench/interaction@1","system":"');
  for (let n = 0; n < megabytes; n++) if (!out.write(piece)) await once(out, "drain");
  out.end('"}\n');
  await finished(out);
  await appendFile(path, text);
  const cost = await place.ingest("long", path);
  const { quarantined } = cost.report.totals;
  if (quarantined < 1 || cost.report.totals.read !== 2 * neighbours.lines + 1)
    throw new Error("the long line was not quarantined by itself");
  return cost;
}
