import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Effects } from "../store/effects.ts";
import { ArchiveFlaw } from "./source.ts";

const CHILD = join(import.meta.dirname, "parquet-child.ts");
const SHOWN = 300;

/**
 * The rows of a Parquet file as JSON lines, read in a process of its own. Raises ArchiveFlaw where
 * that process gives up or dies; the rows before are good. Ends the process when nobody reads on.
 */
export async function* parquetLines(path: string, effects: Effects): AsyncGenerator<Buffer> {
  const child = effects.spawn(process.execPath, [CHILD, resolve(path), tmpdir()]);
  child.stdin.end();
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (said.length < SHOWN) said += chunk.toString("utf8");
  });
  let isRead = false;
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    isRead = true;
  } finally {
    if (!isRead) child.kill("SIGKILL");
  }
  const { code, signal } = await child.ended;
  if (code === 0) return;
  const why = signal === null ? withoutPath(said, path) : `the reader died of ${signal}`;
  throw new ArchiveFlaw("parquet_unreadable", why.split("\n")[0]?.slice(0, SHOWN) ?? "");
}

/** Where a file lies is nobody's business who reads the quarantine. */
const withoutPath = (text: string, path: string): string => text.replaceAll(resolve(path), "the file");
