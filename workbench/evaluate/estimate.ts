import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { openArm, type Arm, type LiveArm, type OpenArm } from "./arm.ts";
import type { EvalRequest } from "./evaluate.ts";
import { freezeItems } from "./items.ts";
import { withJudges } from "./judges/seat.ts";
import { findRun, listRuns } from "./list.ts";
import { makePlan } from "./plan.ts";
import { newTally, rehearse, type Tally } from "./rehearse.ts";
import { openResponses } from "./responses.ts";
import type { Suite } from "./suite.ts";

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
  /** Of a judge's calls, those about answers that are not there yet: their length is guessed. */
  readonly guessed: number;
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
 * what no call can pass: a token a byte, and `maxTokens`.
 */
export async function estimate(
  request: EvalRequest,
  effects: Effects = realEffects,
): Promise<readonly ArmEstimate[]> {
  const { project, useStored = true } = request;
  const at = { project, effects };
  const judges = request.judges ?? new Map<string, LiveArm>();
  const suite = withJudges(request.suite, judges);
  const items = await freezeItems(suite, request.select ?? {}, at);
  const arms: OpenArm[] = [];
  for (const arm of request.arms) arms.push(await openArm(arm, suite.task?.plan ?? null, at));
  const plan = await makePlan(suite, items, arms, { fileSha256: null, budget: {} });
  const responses = await openResponses(project, "estimate", effects);
  const tallies = await rehearse({ plan, judges, responses, useStored });
  const out: ArmEstimate[] = [];
  for (const arm of [...request.arms, ...judges.values()])
    out.push(await armEstimate(arm, tallies.get(arm.name) ?? newTally(), { ...at, suite }));
  return out;
}

const BYTES_A_TOKEN = 6;

async function armEstimate(
  arm: Arm,
  tally: Tally,
  at: { readonly project: Project; readonly effects: Effects; readonly suite: Suite },
): Promise<ArmEstimate> {
  const { calls, stored, guessed } = tally;
  const past = arm.kind === "live" ? await pastRun(arm, at) : null;
  const input = past ? past.input * calls : tally.bytes / BYTES_A_TOKEN;
  const output = past ? past.output * calls : calls;
  const inputTokens = { low: Math.round(input), high: tally.mostInputTokens };
  const outputTokens = { low: Math.round(output), high: tally.mostOutputTokens };
  return {
    arm: arm.name,
    calls,
    stored,
    guessed,
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
