import type { ChatReply, ChatRequest } from "../endpoint/client.ts";
import { digestOf } from "../schema/canonical.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { openArm, type LiveArm, type OpenArm } from "./arm.ts";
import { mostInputTokens } from "./budget.ts";
import type { EvalRequest } from "./evaluate.ts";
import { freezeItems } from "./items.ts";
import { seatOf, withJudges } from "./judges/seat.ts";
import { findRun, listRuns } from "./list.ts";
import { jobsInOrder, makePlan } from "./plan.ts";
import { openResponses, responseKey, type Responses } from "./responses.ts";
import type { Suite } from "./suite.ts";
import type { Sample } from "./types.ts";

/** From the least to the most; null is "nothing bounds it". */
export interface Range {
  readonly low: number;
  readonly high: number | null;
}

export interface ArmEstimate {
  readonly arm: string;
  /** Calls to make; answers that are stored are not among them. */
  readonly calls: number;
  readonly stored: number;
  readonly inputTokens: Range;
  readonly outputTokens: Range;
  /** Null where the model has no price: never 0. */
  readonly costUsd: Range | null;
  /** At one call after the other; null without an earlier run. */
  readonly seconds: number | null;
  /** The run whose tokens and times the low end is taken from. */
  readonly from: string | null;
}

/**
 * What a run would take, without asking anything. The low end comes from the newest finished run of
 * the suite on the same model, else from six bytes a token and one token an answer; the high end is
 * what no call can pass: a token a byte, and `maxTokens`. A task of several calls is counted by those
 * it makes when every answer is empty.
 */
export async function estimate(
  request: EvalRequest,
  effects: Effects = realEffects,
): Promise<readonly ArmEstimate[]> {
  const at = { project: request.project, effects };
  const items = await freezeItems(request.suite, request.select ?? {}, at);
  const taskPlan = request.suite.task?.plan ?? null;
  const arms: OpenArm[] = [];
  for (const arm of request.arms) arms.push(await openArm(arm, taskPlan, at));
  const judges = await Promise.all(
    [...(request.judges ?? [])].map(async ([name, arm]) => [name, await openArm(arm, taskPlan, at)] as const),
  );
  const suite = withJudges(request.suite, request.judges ?? new Map());
  const plan = await makePlan(suite, items, arms, { fileSha256: null, budget: {} });
  const responses = await openResponses(request.project, "estimate", effects);
  const tallies = new Map([...arms, ...judges.map(([, arm]) => arm)].map((arm) => [arm.name, newTally()]));
  for await (const { arm, sample, epoch } of jobsInOrder(plan)) {
    const useStored = request.useStored ?? true;
    if (!plan.contaminated.has(sample.id))
      for (const [name, judge] of judges) {
        const asked = await judgeCalls(suite, name, { sample, isBaseline: arm.name === "baseline" });
        const tally = tallies.get(judge.name);
        if (tally && judge.kind === "live")
          await count(tally, { arm: judge, asked, epoch, responses, useStored });
      }
    const tally = tallies.get(arm.name);
    if (arm.kind !== "live" || !tally || plan.contaminated.has(sample.id)) continue;
    const asked: Omit<ChatRequest, "model">[] = [];
    const note = async (one: Omit<ChatRequest, "model">): Promise<ChatReply> => (asked.push(one), EMPTY);
    // A task may not bear an empty answer: what it asked until then is counted.
    await Promise.resolve(request.suite.task?.(sample, note)).catch(() => undefined);
    await count(tally, { arm, asked, epoch, responses, useStored });
  }
  const out: ArmEstimate[] = [];
  for (const arm of [...arms, ...judges.map(([, judge]) => judge)])
    out.push(await armEstimate(arm, tallies.get(arm.name) ?? newTally(), { ...at, suite: request.suite }));
  return out;
}

/** Characters that stand for an answer nobody has seen, where the task does not bound it. */
const UNSEEN_CHARACTERS = 2000;

/** What a suite's judges would be asked about one answer: its text is not known, so its length is guessed. */
async function judgeCalls(
  { scorers, task }: Suite,
  judge: string,
  { sample, isBaseline }: { readonly sample: Sample; readonly isBaseline: boolean },
): Promise<readonly Omit<ChatRequest, "model">[]> {
  const asked: Omit<ChatRequest, "model">[] = [];
  const note = async (one: Omit<ChatRequest, "model">): Promise<ChatReply> => {
    asked.push(one);
    return { ...EMPTY, text: '{"reasoning":"","verdict":"cannot_judge"}' };
  };
  const { maxTokens } = (task?.plan ?? {}) as { readonly maxTokens?: number };
  const output = "x".repeat(maxTokens === undefined ? UNSEEN_CHARACTERS : maxTokens * 4);
  const { input, expected, metadata } = sample;
  const baseline = isBaseline ? output : output.replaceAll("x", "y");
  const it = { output, input, expected, metadata, baseline };
  for (const scorer of scorers)
    if (seatOf(scorer) === judge) await Promise.resolve(scorer(it, { judge: note })).catch(() => undefined);
  return asked;
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

const newTally = () => ({ calls: 0, stored: 0, bytes: 0, mostInput: 0, mostOutput: 0 as number | null });
type Tally = ReturnType<typeof newTally>;

interface Asking {
  readonly arm: LiveArm;
  readonly asked: readonly Omit<ChatRequest, "model">[];
  readonly epoch: number;
  readonly responses: Responses;
  readonly useStored: boolean;
}

async function count(tally: Tally, { arm, asked, epoch, responses, useStored }: Asking): Promise<void> {
  const repeats = new Map<string, number>();
  for (const one of asked) {
    const same = digestOf(one);
    const repeat = repeats.get(same) ?? 0;
    repeats.set(same, repeat + 1);
    const request = { ...one, model: arm.requestModel };
    const key = responseKey({ identity: arm.identity, request, epoch, repeat });
    if (useStored && (await responses.get(key))) {
      tally.stored++;
      continue;
    }
    tally.calls++;
    tally.bytes += one.messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
    tally.mostInput += mostInputTokens(one);
    if (one.maxTokens === undefined) tally.mostOutput = null;
    else if (tally.mostOutput !== null) tally.mostOutput += one.maxTokens;
  }
}

const BYTES_A_TOKEN = 6;

async function armEstimate(
  arm: OpenArm,
  tally: Tally,
  at: { readonly project: Project; readonly effects: Effects; readonly suite: Suite },
): Promise<ArmEstimate> {
  const { calls, stored } = tally;
  const past = arm.kind === "live" ? await pastRun(arm, at) : null;
  const input = past ? past.input * calls : tally.bytes / BYTES_A_TOKEN;
  const output = past ? past.output * calls : calls;
  const inputTokens = { low: Math.round(input), high: tally.mostInput };
  const outputTokens = { low: Math.round(output), high: tally.mostOutput };
  return {
    arm: arm.name,
    calls,
    stored,
    inputTokens,
    outputTokens,
    costUsd: arm.kind === "live" ? costRange(arm, calls, { inputTokens, outputTokens }) : { low: 0, high: 0 },
    seconds: past?.latencyMs == null ? null : (past.latencyMs * calls) / 1000,
    from: past?.id ?? null,
  };
}

/** Cost of the average call, times calls: prices that rise with a prompt's length are met as they would be. */
function costRange(
  arm: LiveArm,
  calls: number,
  tokens: Pick<ArmEstimate, "inputTokens" | "outputTokens">,
): Range | null {
  if (calls === 0) return { low: 0, high: 0 };
  const cost = (input: number, output: number): number | null => {
    const usage = { inputTokens: Math.ceil(input / calls), outputTokens: Math.ceil(output / calls) };
    const usd = arm.costOf({ ...usage, cachedTokens: 0 });
    return usd === null ? null : usd * calls;
  };
  const low = cost(tokens.inputTokens.low, tokens.outputTokens.low);
  if (low === null) return null;
  const most = tokens.outputTokens.high;
  return { low, high: most === null ? null : cost(tokens.inputTokens.high ?? 0, most) };
}

/** Mean tokens and time of an answer in the newest finished run of this suite on this model. */
async function pastRun(
  arm: LiveArm,
  {
    project,
    effects,
    suite,
  }: { readonly project: Project; readonly effects: Effects; readonly suite: Suite },
): Promise<{ id: string; input: number; output: number; latencyMs: number | null } | null> {
  for (const { id, suite: name } of await listRuns(project, effects)) {
    if (name !== suite.name) continue;
    const { result } = await findRun(project, id, effects);
    const same = result.arms.find(({ model }) => model === arm.model);
    const metrics = same ? result.metrics[same.arm] : undefined;
    const rows = result.done / result.arms.length;
    const [input, output] = [metrics?.["inputTokens"] ?? null, metrics?.["outputTokens"] ?? null];
    if (input === null || output === null || rows === 0) continue;
    return { id, input: input / rows, output: output / rows, latencyMs: metrics?.["latencyMs.mean"] ?? null };
  }
  return null;
}
