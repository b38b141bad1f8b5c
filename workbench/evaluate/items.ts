import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { canonical, sha256 } from "../schema/canonical.ts";
import { putLines, streamBlob } from "../store/cas.ts";
import { DigestMap } from "../store/digest-map.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { textLines } from "./read-rows.ts";
import { sortLines } from "./sorted-lines.ts";
import type { Item, Parsed } from "./source.ts";
import type { Suite } from "./suite.ts";
import type { Sample } from "./types.ts";

/** Which items of a suite take part. */
export interface Selection {
  /** At most this many: the first of the seeded order, so a random part. */
  readonly limit?: number;
  /** Only samples whose label or id begins with this, or `slice=value`. */
  readonly only?: string;
}

/** The items of a run, in the order they are asked. They stay on the disk. */
export interface Items {
  /** Reads them, as often as it is asked to; nothing holds them all. */
  readonly all: () => AsyncIterable<Sample>;
  readonly count: number;
  /** Digest of the file that holds them, in .workbench/cas. */
  readonly sha256: string;
  /** How many the suite has before any selection. */
  readonly total: number;
  /** Rows that ask and expect the same as an earlier one. */
  readonly duplicates: number;
  readonly quarantined: readonly Quarantined[];
}

interface Quarantined {
  readonly place: string;
  readonly reason: string;
}

/**
 * Reads a suite's rows once and stores them by content: what was measured stays what it was, also
 * when the data grows. The order is sha256(seed ‖ sample), so that a run stopped at 30 % has a random 30 %.
 * @throws WB_SUITE_INVALID where nothing is left to ask.
 */
export async function freezeItems(
  suite: Suite,
  select: Selection,
  { project, effects }: { readonly project: Project; readonly effects: Effects },
): Promise<Items> {
  const random = Buffer.from(effects.random(6)).toString("hex");
  const lines = sortLines(join(project.private, "tmp", `items-${random}`), effects);
  try {
    const read = await readItems(suite, suite.data.open(project, effects), async (sample) => {
      if (select.only !== undefined && !matches(sample, select.only, suite)) return;
      await lines.add(sha256(`${suite.seed}\u0000${sample.id}`), canonical(sample));
    });
    let count = 0;
    const chosen = async function* (): AsyncIterable<string> {
      for await (const line of lines.inOrder()) {
        if (count === select.limit) break;
        count++;
        yield line;
      }
      if (count === 0) throw nothing(suite, read.total, read.quarantined);
    };
    const digest = await putLines(project, chosen(), effects);
    return { ...read, count, sha256: digest, all: () => readSamples(project, digest, effects) };
  } finally {
    await lines.close();
  }
}

async function* readSamples(project: Project, digest: string, effects: Effects): AsyncIterable<Sample> {
  for await (const line of textLines(streamBlob(project, digest, effects))) yield JSON.parse(line) as Sample;
}

/** Hands every usable row on as a sample; the n-th row of the same content is a sample of its own. */
async function readItems(
  suite: Suite,
  rows: AsyncIterable<Parsed<unknown, unknown>>,
  take: (sample: Sample) => Promise<void>,
): Promise<Pick<Items, "total" | "duplicates" | "quarantined">> {
  const quarantined: Quarantined[] = [];
  const seen = new DigestMap();
  let [total, duplicates] = [0, 0];
  for await (const row of rows) {
    const foreign = "item" in row ? notJson(row.item) : null;
    if ("refused" in row) quarantined.push({ place: row.place, reason: row.refused });
    else if (foreign) quarantined.push({ place: `${suite.data.from}, item ${total + 1}`, reason: foreign });
    else {
      const first = sampleOf(row.item, 1, total);
      const ordinal = (seen.get(first.id)?.[0] ?? 0) + 1;
      seen.set(first.id, ordinal);
      if (ordinal > 1) duplicates++;
      await take(ordinal === 1 ? first : sampleOf(row.item, ordinal, total));
      total++;
    }
  }
  return { total, duplicates, quarantined };
}

/** Names what of a value no file of JSON gives back (a Date, a Map, a function); null where all is well. */
function notJson(value: unknown, path = ""): string | null {
  if (typeof value === "object" && value !== null) {
    const kind = Object.getPrototypeOf(value) as unknown;
    if (kind !== Object.prototype && kind !== Array.prototype && kind !== null)
      return `${path} is a ${value.constructor.name}: give a text or a number, since items are stored as JSON`;
    for (const [name, member] of Object.entries(value)) {
      const found = notJson(member, path === "" ? name : `${path}.${name}`);
      if (found !== null) return found;
    }
  }
  const isForeign = ["function", "bigint", "symbol"].includes(typeof value);
  return isForeign ? `${path} is a ${typeof value}: items are stored as JSON` : null;
}

function sampleOf(
  { label, input, expected, metadata }: Item<unknown, unknown>,
  ordinal: number,
  index: number,
) {
  const content = { input, expected: expected ?? null };
  return {
    id: sha256(canonical(ordinal === 1 ? content : { ...content, ordinal })),
    label: label ?? String(index + 1),
    ...content,
    metadata: metadata ?? {},
  } satisfies Sample;
}

function matches(sample: Sample, only: string, suite: Suite): boolean {
  const at = only.indexOf("=");
  const pick = at > 0 ? suite.slices[only.slice(0, at)] : undefined;
  if (pick) return pick(sample) === only.slice(at + 1);
  return sample.label.startsWith(only) || sample.id.startsWith(only);
}

function nothing(suite: Suite, total: number, quarantined: Items["quarantined"]): WorkbenchError {
  const first = quarantined[0];
  return new WorkbenchError({
    code: "WB_SUITE_INVALID",
    where: suite.data.from,
    what:
      total > 0
        ? `none of the ${total} samples is selected`
        : first
          ? `no usable row; ${quarantined.length} refused`
          : "there is no row at all",
    ...(first && total === 0 ? { why: `${first.place}: ${first.reason}` } : {}),
    fix:
      total > 0
        ? "choose another --only or --limit"
        : first
          ? "give rows that the suite's row schema accepts"
          : "look at the file or the query: it gives nothing",
  });
}
