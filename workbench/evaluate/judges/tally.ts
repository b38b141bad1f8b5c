import { z } from "zod";
import type { Score } from "../../schema/run.ts";

const Evidence = z.looseObject({
  labels: z.record(z.string(), z.string()),
  asked: z.number(),
  abstained: z.number(),
  unparsed: z.number(),
  flipped: z.boolean().optional(),
  places: z.object({ first: z.number(), either: z.number() }).optional(),
});

/** What a judge's scores say of the judge: counted from rows, kept nowhere else. */
export interface JudgeTally {
  readonly visit: (score: Score | undefined) => void;
  readonly figures: () => {
    readonly asked: number;
    readonly unparsed: number;
    readonly abstained: number;
    /** Share of pairs decided otherwise once the places were exchanged; null without pairs. */
    readonly flipRate: number | null;
    /** Share of verdicts for the first place; 0.5 is without bias. */
    readonly firstPlaceShare: number | null;
  };
}

export function judgeTally(): JudgeTally {
  const sum = { asked: 0, unparsed: 0, abstained: 0, pairs: 0, flipped: 0, first: 0, either: 0 };
  return {
    visit: (score) => {
      const read = Evidence.safeParse(score?.evidence);
      if (!read.success) return;
      const { asked, unparsed, abstained, flipped, places } = read.data;
      sum.asked += asked;
      sum.unparsed += unparsed;
      sum.abstained += abstained;
      sum.pairs += Number(flipped !== undefined);
      sum.flipped += Number(flipped === true);
      sum.first += places?.first ?? 0;
      sum.either += places?.either ?? 0;
    },
    figures: () => ({
      asked: sum.asked,
      unparsed: sum.unparsed,
      abstained: sum.abstained,
      flipRate: sum.pairs === 0 ? null : sum.flipped / sum.pairs,
      firstPlaceShare: sum.either === 0 ? null : sum.first / sum.either,
    }),
  };
}

/** The labels that a score carries; empty where the judge gave none. */
export function labelsOf(score: Score): Readonly<Record<string, string>> {
  const read = Evidence.safeParse(score.evidence);
  return read.success ? read.data.labels : {};
}
