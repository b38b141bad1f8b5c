import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { seeded } from "../../../workbench/stats/random.ts";
import { chatRecord, exchange, ownRecord, repeated } from "./records.ts";
import type { Exchange, LogKind } from "./records.ts";
import { vocabularyOf } from "./text.ts";

export interface Generated {
  readonly path: string;
  readonly lines: number;
  readonly bytes: number;
  readonly malformed: number;
  readonly replays: number;
}

export interface LogPlan {
  readonly rows: number;
  readonly kind: LogKind;
  readonly seed: string;
  /** Number of the first exchange: a log of another `from` continues this one. */
  readonly from?: number;
}

const RECENT = 4096;

/**
 * Writes a log of `rows` lines: 0.1 % malformed, 2.5 % byte-identical replays, 2.5 % the same words
 * again, 5 % nearly the same words, 3 % with personal data. The same plan gives the same bytes.
 */
export async function generateLog(path: string, plan: LogPlan): Promise<Generated> {
  const random = seeded(`${plan.seed}:${plan.from ?? 0}`);
  const words = vocabularyOf(12_000, seeded(plan.seed));
  const recordOf = plan.kind === "workbench" ? ownRecord : chatRecord;
  const recent: { readonly one: Exchange; readonly line: string }[] = [];
  const out = createWriteStream(path, { highWaterMark: 1 << 20 });
  let [bytes, malformed, replays, batch] = [0, 0, 0, ""];
  const flush = async (): Promise<void> => {
    bytes += Buffer.byteLength(batch);
    if (!out.write(batch)) await once(out, "drain");
    batch = "";
  };
  for (let n = 0; n < plan.rows; n++) {
    const draw = random.uniform();
    const earlier = recent[random.below(recent.length || 1)];
    if (earlier && draw < 0.025) {
      replays++;
      batch += earlier.line;
    } else {
      const number = n + (plan.from ?? 0);
      const one =
        earlier && draw < 0.1
          ? repeated(earlier.one, number, { near: draw >= 0.05, words, random })
          : exchange(number, words, random);
      const line = `${JSON.stringify(recordOf(one))}\n`;
      if (draw >= 0.999) {
        malformed++;
        batch += spoiled(line, random.below(3));
      } else {
        batch += line;
        recent[n % RECENT] = { one, line };
      }
    }
    if (batch.length > 1 << 20) await flush();
  }
  await flush();
  out.end();
  await finished(out);
  return { path, lines: plan.rows, bytes, malformed, replays };
}

/** A line as a crash, a proxy and a torn write leave it. */
function spoiled(line: string, how: number): string {
  if (how === 0) return `${line.slice(0, line.indexOf('":') + 2)}\n`;
  return how === 1 ? "ERROR 502 Bad Gateway\n" : `${line.slice(0, line.length >> 1)}\n`;
}
