import type { PeopleSums } from "./mean-of-people.ts";
import { meanOfPeople } from "./mean-of-people.ts";
import { MIN_PEOPLE, mergeSmall, peopleAtLeast } from "./merge-small.ts";
import type { Sized } from "./merge-small.ts";
import type { FeedbackKind, Quality } from "./overview.ts";
import type { Ask } from "./ask.ts";

type Summed = Sized & PeopleSums;

type Given = Summed & { readonly orphans: number };

/** Each measure of quality that at least five people stand behind. */
export async function readQuality(ask: Ask): Promise<readonly Quality[]> {
  const rows = await ask<Summed>("quality");
  return rows.filter((row) => peopleAtLeast([row]) >= MIN_PEOPLE).map(qualityOf);
}

/** Feedback by kind; kinds of few people come together, as signals without a mean. */
export async function readFeedback(ask: Ask): Promise<readonly FeedbackKind[]> {
  const rows = await ask<Given>("feedback");
  const { kept, hasOthers, isHidden } = mergeSmall(rows);
  if (isHidden) return [];
  const shown = rows.filter(({ key }) => kept.includes(key)).map(kindOf);
  return hasOthers ? [...shown, others(rows.filter(({ key }) => !kept.includes(key)))] : shown;
}

function qualityOf(row: Summed): Quality {
  return { measure: row.key, calls: row.calls, people: row.units, ...meanOfPeople(row) };
}

function kindOf(row: Given): FeedbackKind {
  return {
    kind: row.key,
    signals: row.calls,
    valued: Number(row.denominator),
    orphans: row.orphans,
    people: row.units,
    ...meanOfPeople(row),
  };
}

function others(rows: readonly Given[]): FeedbackKind {
  const sumOf = (of: (row: Given) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  return {
    kind: "other kinds",
    signals: sumOf(({ calls }) => calls),
    valued: sumOf(({ denominator }) => Number(denominator)),
    orphans: sumOf(({ orphans }) => orphans),
    people: peopleAtLeast(rows),
    mean: null,
    lower: null,
    upper: null,
    refused: "kinds with few people are not told apart",
  };
}
