import type { ChatReply, ChatRequest } from "../endpoint/client.ts";
import { digestOf } from "../schema/canonical.ts";
import type { LiveArm } from "./arm.ts";
import type { Measured } from "./answer.ts";
import { seatOf, type Judges } from "./judges/seat.ts";
import { jobsInOrder, type Job, type Plan } from "./plan.ts";
import { responseKey, type Responses } from "./responses.ts";
import { scoreAnswer } from "./score.ts";
import type { Call, Scorer } from "./types.ts";
import { mostInputTokens } from "./worst-case.ts";

/** What would be asked of one model. */
export interface Tally {
  /** Questions that are not stored. */
  calls: number;
  stored: number;
  /** Of a judge's calls, those about answers that are not there yet: their length is guessed. */
  guessed: number;
  bytes: number;
  mostInputTokens: number;
  /** Null where a question has no `maxTokens`. */
  mostOutputTokens: number | null;
}

export const newTally = (): Tally => ({
  calls: 0,
  stored: 0,
  guessed: 0,
  bytes: 0,
  mostInputTokens: 0,
  mostOutputTokens: 0,
});

export interface Rehearsal {
  readonly plan: Plan;
  readonly judges: Judges;
  readonly responses: Responses;
  readonly useStored: boolean;
}

/**
 * Goes through a run without asking anything: stored questions are answered from the store, recorded
 * answers are read, and what is left is counted. A question to a judge about an answer that is there is
 * the very one a run would put; about one that is not there yet, the answer's length is guessed. A task of
 * several calls goes on with an empty reply, so it is counted by the calls that leads to.
 */
export async function rehearse(rehearsal: Rehearsal): Promise<ReadonlyMap<string, Tally>> {
  const { plan, judges } = rehearsal;
  const asked = [...plan.arms, ...judges.values()];
  const tallies = new Map(asked.map(({ name }) => [name, newTally()]));
  const tallyOf = ({ name }: { readonly name: string }): Tally => tallies.get(name) ?? newTally();
  let baseline: Answered | null | undefined;
  for await (const job of jobsInOrder(plan)) {
    if (plan.contaminated.has(job.sample.id)) continue;
    const answer = await answerOf(job, rehearsal, tallyOf(job.arm));
    if (job.arm.name === "baseline") baseline = answer;
    if (answer) await judgeAnswer({ ...job, answer, baseline }, rehearsal, tallyOf);
  }
  return tallies;
}

/** An answer as far as it can be known: `isGuessed` where no model has given it yet. */
type Answered = Pick<Measured, "text" | "toolCalls" | "finishReason" | "columns"> & {
  readonly isGuessed: boolean;
};

/** Null where the run would have no answer either: nothing was recorded, or the task fails on what is stored. */
async function answerOf(job: Job, rehearsal: Rehearsal, tally: Tally): Promise<Answered | null> {
  const { arm, sample, epoch } = job;
  const { task } = rehearsal.plan.suite;
  if (arm.kind === "recorded") {
    const found = await arm.lookup(sample, epoch);
    return found === null || "failed" in found ? null : { ...found, isGuessed: false };
  }
  if (!task) return null;
  const before = tally.calls;
  const call = rehearsedCall({ arm, epoch, tally, judging: null }, rehearsal);
  const given = await Promise.resolve(task(sample, call)).catch(() => null);
  if (tally.calls > before) return guessedAnswer(job, rehearsal.plan);
  if (given === null) return null;
  const {
    text,
    toolCalls = [],
    finishReason = null,
    columns = {},
  } = typeof given === "string" ? { text: given } : given;
  return { text, toolCalls, finishReason, columns, isGuessed: false };
}

/** Characters that stand for an answer nobody has seen, where the task does not bound it. */
const UNSEEN_CHARACTERS = 2000;

/** Arms get different letters: two equal answers would be a tie that no judge is asked about. */
function guessedAnswer({ arm }: Job, { suite: { task }, arms }: Plan): Answered {
  const { maxTokens } = (task?.plan ?? {}) as { readonly maxTokens?: number };
  const letter = String.fromCodePoint(0x78 - (arms.findIndex(({ name }) => name === arm.name) % 20));
  const text = letter.repeat(maxTokens === undefined ? UNSEEN_CHARACTERS : maxTokens * 4);
  return { text, toolCalls: [], finishReason: "stop", columns: {}, isGuessed: true };
}

interface ToJudge extends Job {
  readonly answer: Answered;
  /** Undefined where no arm is the baseline, null where it has no answer. */
  readonly baseline: Answered | null | undefined;
}

/** Puts an answer before every model that scores it. */
async function judgeAnswer(
  { sample, epoch, answer, baseline }: ToJudge,
  rehearsal: Rehearsal,
  tallyOf: (arm: LiveArm) => Tally,
): Promise<void> {
  const { plan, judges } = rehearsal;
  const scorers = plan.suite.scorers.filter((scorer) => seatOf(scorer) !== null);
  const isGuessed = answer.isGuessed || baseline?.isGuessed === true;
  const contextOf = (scorer: Scorer) => {
    const arm = judges.get(seatOf(scorer) ?? "");
    return (
      arm && {
        judge: rehearsedCall({ arm, epoch, tally: tallyOf(arm), judging: { isGuessed } }, rehearsal),
      }
    );
  };
  const text = baseline === undefined ? undefined : (baseline?.text ?? null);
  await scoreAnswer({ ...plan.suite, scorers }, { sample, answer, baseline: text }, { contextOf });
}

const EMPTY: ChatReply = {
  text: "",
  toolCalls: [],
  finishReason: "stop",
  usage: { inputTokens: null, cachedTokens: null, outputTokens: null },
  servedModel: null,
  latencyMs: 0,
  ttftMs: null,
  fingerprint: null,
};
const WITHHELD: ChatReply = { ...EMPTY, text: '{"reasoning":"","verdict":"cannot_judge"}' };

interface Rehearsed {
  readonly arm: LiveArm;
  readonly epoch: number;
  readonly tally: Tally;
  /** Null for an arm's own call. A judge is never asked the same twice about one answer: it has no repeats. */
  readonly judging: { readonly isGuessed: boolean } | null;
}

/** Answers from the store, else counts the question. */
function rehearsedCall({ arm, epoch, tally, judging }: Rehearsed, { responses, useStored }: Rehearsal): Call {
  const repeats = new Map<string, number>();
  return async (asked) => {
    const same = digestOf(asked);
    const repeat = judging ? 0 : (repeats.get(same) ?? 0);
    repeats.set(same, repeat + 1);
    const request: ChatRequest = { ...asked, model: arm.requestModel };
    const key = responseKey({ identity: arm.identity, request, epoch, repeat });
    const found = useStored ? await responses.get(key) : null;
    if (found) {
      tally.stored++;
      return found;
    }
    tally.calls++;
    if (judging?.isGuessed === true) tally.guessed++;
    tally.bytes += asked.messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
    tally.mostInputTokens += mostInputTokens(asked);
    if (asked.maxTokens === undefined) tally.mostOutputTokens = null;
    else if (tally.mostOutputTokens !== null) tally.mostOutputTokens += asked.maxTokens;
    return judging ? WITHHELD : EMPTY;
  };
}
