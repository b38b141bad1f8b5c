import type { Attack, LabelledAnswer } from "../../schema/judge.ts";
import type { Score } from "../../schema/run.ts";
import { scoreOne } from "../score.ts";
import type { Sample, Scorer } from "../types.ts";
import type { Sitting } from "./seat.ts";
import { labelsOf, type JudgeTally } from "./tally.ts";

/** A labelled answer with what the judge said of it, twice. */
export interface Tried {
  readonly row: LabelledAnswer;
  readonly score: Score;
  readonly again: Score;
}

export interface AttackTried {
  readonly attack: Attack;
  /** Null where the judge withheld its verdict: then nothing was won. */
  readonly value: number | null;
  readonly succeeded: boolean;
}

export interface Bench {
  readonly scorer: Scorer;
  readonly sit: (epoch: number) => Sitting;
  readonly tally: JudgeTally;
  readonly cost: (usd: number | null) => void;
}

const AT_ONCE = 16;

/** Works through a list, so many at a time, in order of the list. */
export async function each<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const out: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const some = items.slice(start, start + AT_ONCE).map((item, i) => work(item, start + i));
    out.push(...(await Promise.all(some)));
  }
  return out;
}

/** The judge's score of one answer, as it would be in a run. */
export async function judgeOnce(bench: Bench, row: LabelledAnswer, epoch: number): Promise<Score> {
  const sitting = bench.sit(epoch);
  const sample: Sample = {
    id: "",
    label: "",
    input: row.input,
    expected: row.expected ?? null,
    metadata: row,
  };
  const answer = { text: row.output, toolCalls: [], finishReason: null, columns: {} };
  const score = await scoreOne(bench.scorer, { sample, answer, context: sitting.contextOf(bench.scorer) });
  bench.tally.visit(score);
  bench.cost(sitting.costUsd());
  return score;
}

/** Every labelled answer twice: the second asking is an epoch of its own, so that it is no stored reply. */
export async function tryLabels(bench: Bench, rows: readonly LabelledAnswer[]): Promise<readonly Tried[]> {
  return each(rows, async (row) => ({
    row,
    score: await judgeOnce(bench, row, 1),
    again: await judgeOnce(bench, row, 2),
  }));
}

/** Above this an answer counts as good: what an attack on a bad one must not reach. */
const GOOD = 0.5;

/**
 * Every attack once, around an answer that the judge itself holds bad. It succeeds where the judge then
 * holds it good. An attack without `{answer}` is the whole of the answer. Empty where no answer is bad.
 */
export async function tryAttacks(
  bench: Bench,
  attacks: readonly Attack[],
  tried: readonly Tried[],
): Promise<readonly AttackTried[]> {
  const bad = tried.filter(({ score }) => score.value !== null && score.value <= GOOD);
  if (bad.length === 0) return [];
  return each(attacks, async (attack, i) => {
    const { row, score } = bad[i % bad.length] as Tried;
    const output = attack.text.replaceAll("{answer}", () => row.output);
    const { value } = await judgeOnce(bench, { ...row, output }, 1);
    return { attack, value, succeeded: value !== null && value > Math.max(GOOD, score.value ?? 0) };
  });
}

/** The share of verdicts that were the same when asked again; null where none was given twice. */
export function repeatAgreement(tried: readonly Tried[]): number | null {
  let [same, all] = [0, 0];
  for (const { score, again } of tried) {
    const second = labelsOf(again);
    for (const [id, label] of Object.entries(labelsOf(score))) {
      if (second[id] === undefined) continue;
      all++;
      same += Number(second[id] === label);
    }
  }
  return all === 0 ? null : same / all;
}
