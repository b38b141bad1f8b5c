import { WorkbenchError } from "../errors/error.ts";
import { canonical, sha256 } from "../schema/canonical.ts";
import { putBlob } from "../store/cas.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
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

/** The items of a run, in the order they are asked. */
export interface Items {
  readonly samples: readonly Sample[];
  /** Digest of the file that holds them, in .workbench/cas. */
  readonly sha256: string;
  /** How many the suite has before any selection. */
  readonly total: number;
  /** Rows that ask and expect the same as an earlier one. */
  readonly duplicates: number;
  readonly quarantined: readonly { readonly place: string; readonly reason: string }[];
}

/**
 * Reads a suite's rows once and stores them by content: what was measured stays what it was, also
 * when the data grows. The order is sha256(seed ‖ sample), so that a run stopped at 30 % has a random 30 %.
 * @throws WB_SUITE_INVALID where nothing is left to ask.
 */
export async function freezeItems(
  suite: Suite,
  select: Selection,
  at: { readonly project: Project; readonly effects: Effects },
): Promise<Items> {
  const { samples, quarantined, duplicates } = await readItems(suite.data.open(at.project, at.effects));
  const order = new Map(samples.map(({ id }) => [id, sha256(`${suite.seed}\u0000${id}`)]));
  const ordered = samples.toSorted((a, b) => ((order.get(a.id) ?? "") < (order.get(b.id) ?? "") ? -1 : 1));
  const chosen = ordered
    .filter((sample) => select.only === undefined || matches(sample, select.only, suite))
    .slice(0, select.limit);
  if (chosen.length === 0) throw nothing(suite, samples.length, quarantined);
  const text = chosen.map((sample) => `${canonical(sample)}\n`).join("");
  return {
    samples: chosen,
    sha256: await putBlob(at.project, text, at.effects),
    total: samples.length,
    duplicates,
    quarantined,
  };
}

async function readItems(rows: AsyncIterable<Parsed<unknown, unknown>>) {
  const samples: Sample[] = [];
  const quarantined: { place: string; reason: string }[] = [];
  const seen = new Map<string, number>();
  let duplicates = 0;
  for await (const row of rows) {
    if ("refused" in row) {
      quarantined.push({ place: row.place, reason: row.refused });
      continue;
    }
    const sample = sampleOf(row.item, 1, samples.length);
    const ordinal = (seen.get(sample.id) ?? 0) + 1;
    seen.set(sample.id, ordinal);
    if (ordinal > 1) duplicates++;
    samples.push(ordinal === 1 ? sample : sampleOf(row.item, ordinal, samples.length));
  }
  return { samples, quarantined, duplicates };
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
        : `no usable row${first ? `; ${quarantined.length} refused` : ""}`,
    ...(first && total === 0 ? { why: `${first.place}: ${first.reason}` } : {}),
    fix: total > 0 ? "choose another --only or --limit" : "give rows that the suite's row schema accepts",
  });
}
