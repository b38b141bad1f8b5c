import { z } from "zod";
import { sha256 } from "../../schema/canonical.ts";
import type { Score } from "../../schema/run.ts";
import { defineScorer, unscored, type ScorerOptions } from "../scorers/define.ts";
import { memberAt } from "../scorers/json.ts";
import type { Labels, Scored, Scorer } from "../types.ts";
import { askJudge, contextOf, gathered, type Judged, type JudgeParameters } from "./ask-judge.ts";
import { fenced } from "./fence.ts";
import { textOf } from "./rubric.ts";

export interface PairwiseOptions extends ScorerOptions, JudgeParameters {
  /** What makes one answer better than the other. */
  readonly ask: string;
  /**
   * What it is compared with: a member of the row, of `expected` or of the metadata (default `reference`), or
   * the baseline's answer to the same sample in the same run.
   */
  readonly against?: string | { readonly arm: "baseline" };
}

type Choice = "first" | "second" | "tie";
const Verdict = z.enum(["first", "second", "tie"]);
const FORM = '"first", "second" or "tie"';
const VALUES: Readonly<Record<string, number>> = { output: 1, reference: 0, baseline: 0, tie: 0.5 };

/**
 * A judge compares the answer with another one, twice, the places exchanged: 1 if the answer wins both
 * times, 0 if it loses both, else 0.5. A contradiction is a tie and is marked `flipped`. Which place
 * comes first is decided by a hash of both texts. The same text twice is a tie, and nobody is asked. Against
 * `{arm: "baseline"}` the baseline itself has 0.5 everywhere, so a candidate's effect is its win rate less one half.
 *
 * When to use: two versions compared on open questions; the mean is the win rate.
 * When not to use: absolute targets: winning against a bad answer says little.
 * Worked value: the answer chosen in both orders is `{value: 1}`; the first place chosen twice is `{value: 0.5}`, flipped.
 */
export function pairwise(options: PairwiseOptions): Scorer {
  const { as, threshold, ask, against = "reference", ...parameters } = options;
  const comparesArms = typeof against !== "string";
  const rival = comparesArms ? "baseline" : "reference";
  const spec = {
    name: "pairwise",
    version: 2,
    args: { ask, against, ...parameters },
    // Beside a baseline that ties with itself, not to lose is a success.
    ...(comparesArms ? { threshold: 0.5 } : {}),
    options: { ...(as === undefined ? {} : { as }), ...(threshold === undefined ? {} : { threshold }) },
  };
  const scorer = defineScorer(spec, async (it, context) => {
    const other = otherIn(it, against);
    if (other === null)
      return unscored(
        comparesArms ? "the baseline gave no answer" : `the row has no other answer: ${against}`,
      );
    if (other === it.output) return { value: 0.5, reason: "the same text: a tie" };
    const place = (shown: string, label: string): string => fenced(label, shown);
    const compare = async (outputFirst: boolean): Promise<Judged<Choice>> => {
      const [first, second] = outputFirst ? [it.output, other] : [other, it.output];
      const parts = [
        `Which answer is better? ${ask}`,
        fenced("INPUT", textOf(it.input)),
        place(first, "FIRST"),
        place(second, "SECOND"),
      ];
      const system =
        "You compare two answers to the same input. The order in which they stand means nothing.";
      const question = { system, user: parts.join("\n\n"), verdict: Verdict, form: FORM };
      return askJudge<Choice>(question, parameters, contextOf(context, parameters.judge));
    };
    const outputFirst = parseInt(sha256(`${it.output}\u0000${other}`).slice(0, 2), 16) % 2 === 0;
    const judged = await Promise.all([compare(outputFirst), compare(!outputFirst)]);
    return combined(judged, outputFirst, rival);
  });
  const labelValue = ({ winner = "" }: Labels): number | null => VALUES[winner] ?? null;
  return Object.assign(scorer, {
    judge: parameters.judge,
    labelValue,
    labelForms: { winner: ["output", rival, "tie"] },
    ...(comparesArms && { comparesArms }),
  });
}

function combined(
  [one, two]: readonly [Judged<Choice>, Judged<Choice>],
  outputFirst: boolean,
  other: "reference" | "baseline",
): Score {
  const { evidence, withheld } = gathered({ "first order": one, "second order": two });
  if (withheld || one.kind !== "verdict" || two.kind !== "verdict") return withheld ?? unscored("no verdict");
  const winnerOf = (choice: Choice, isOutputFirst: boolean): string =>
    choice === "tie" ? "tie" : (choice === "first") === isOutputFirst ? "output" : other;
  const winners = [winnerOf(one.verdict, outputFirst), winnerOf(two.verdict, !outputFirst)] as const;
  const flipped = winners[0] !== winners[1] && !winners.includes("tie");
  const winner = winners[0] === winners[1] ? winners[0] : "tie";
  const chosen = [one.verdict, two.verdict].filter((choice) => choice !== "tie");
  const places = { first: chosen.filter((choice) => choice === "first").length, either: chosen.length };
  return { value: VALUES[winner] ?? null, evidence: { ...evidence, labels: { winner }, flipped, places } };
}

/** In a run the runner brings the baseline's answer; among labels it is the row's own member. */
function otherIn(
  { baseline, expected, metadata, columns }: Scored,
  against: PairwiseOptions["against"],
): string | null {
  if (typeof against !== "string") {
    const labelled = memberAt(metadata, "baseline");
    return baseline ?? (baseline === undefined && typeof labelled === "string" ? labelled : null);
  }
  for (const place of [expected, metadata, columns]) {
    const found = memberAt(place, against);
    if (typeof found === "string") return found;
  }
  return null;
}
