import type { ChatClient, ChatOptions, ChatReply, ChatRequest, ChatUsage } from "../../endpoint/client.ts";
import { endpointDown, EndpointError, type EndpointErrorKind } from "../../endpoint/error.ts";
import type { LiveArm } from "../../evaluate/arm.ts";
import { isServedBy } from "../../evaluate/ask.ts";
import { memberAt, parseAnswer } from "../../evaluate/scorers/json.ts";
import type { RouteRules } from "../../schema/targets.ts";
import type { Effects } from "../../store/effects.ts";

/** The name of the one arm that a validation measures: both models as one. */
export const GATEWAY = "gateway";

/**
 * Two models as one arm: the local one is asked first, and on an error, at its deadline, or where its
 * answer is not acceptable, the fallback is. Latency and cost are those of both together; nothing is
 * tried again, as a gateway would not. `reply.route` says who answered and why.
 */
export function routedArm(
  {
    local,
    fallback,
    rules,
  }: { readonly local: LiveArm; readonly fallback: LiveArm | null; readonly rules: RouteRules },
  effects: Effects,
): LiveArm {
  const both = fallback === null ? [local] : [local, fallback];
  return {
    ...local,
    name: GATEWAY,
    model: both.map(({ model }) => model).join(" → "),
    client: routedClient({ local, fallback, rules }, effects),
    identity: {
      routed: 1,
      rules,
      of: both.map(({ identity, requestModel }) => ({ identity, requestModel })),
    },
    group: both.map(({ group }) => group).join(" → "),
    deadlineMs: rules.localDeadlineMs + rules.fallbackDeadlineMs,
    servedAs: both.map(({ requestModel }) => requestModel),
    prices: both.map(({ prices }) => prices),
    costOf: (usage) =>
      usage.costUsd === undefined ? mostOf(both.map((arm) => arm.costOf(usage))) : usage.costUsd,
  };
}

/** Before a call it is not known who will answer: the dearest of both, or null where one is not known. */
function mostOf(costs: readonly (number | null)[]): number | null {
  const known = costs.filter((cost) => cost !== null);
  return known.length < costs.length ? null : known.reduce((sum, cost) => sum + cost, 0);
}

interface Pair {
  readonly local: LiveArm;
  readonly fallback: LiveArm | null;
  readonly rules: RouteRules;
}

function routedClient({ local, fallback, rules }: Pair, effects: Effects): ChatClient {
  const unanswered = unansweredBy();
  const chat = async (request: ChatRequest, options: ChatOptions = {}): Promise<ChatReply> => {
    const startedMs = effects.monotonicMs();
    const first = await attempt(local, request, { ...options, deadlineMs: rules.localDeadlineMs });
    const why = first.reply === null ? first.why : flawOf(first.reply, rules);
    if (first.reply !== null && (why === null || fallback === null)) {
      unanswered.no();
      return { ...first.reply, usage: priced(first.reply.usage, local, 0), route: { by: "local", why } };
    }
    if (fallback === null) throw unanswered.yes(local, first);
    const second = await attempt(fallback, request, { ...options, deadlineMs: rules.fallbackDeadlineMs });
    if (second.reply === null) throw unanswered.yes(fallback, second);
    unanswered.no();
    const wasted = first.reply === null ? 0 : local.costOf(first.reply.usage);
    const { reply } = second;
    const latencyMs = effects.monotonicMs() - startedMs;
    // What the first model wrote was thrown away: the first token that counts is the second one's.
    const ttftMs = reply.ttftMs === null ? null : latencyMs - reply.latencyMs + reply.ttftMs;
    const usage = priced(reply.usage, fallback, wasted);
    return { ...reply, latencyMs, ttftMs, usage, route: { by: "fallback", why } };
  };
  return {
    chat,
    origin: local.client.origin,
    models: (options) => local.client.models(options),
    close: async () => {
      await local.client.close();
      await fallback?.client.close();
    },
  };
}

/** This many tasks without an answer, and none before them, are no outage but an address that is wrong. */
const HOPELESS = 8;

function unansweredBy() {
  let [everAnswered, silent] = [false, 0];
  return {
    no: (): void => {
      everAnswered = true;
    },
    yes: (arm: LiveArm, { why, kind }: Attempt): Error => {
      const parts = {
        origin: arm.client.origin,
        what: `no model answered (last: ${why ?? "not acceptable"})`,
      };
      if (!everAnswered && ++silent >= HOPELESS)
        return endpointDown(new EndpointError({ ...parts, kind: kind ?? "bad-reply" }));
      // A kind that is not tried again: to its user the task has failed.
      return new EndpointError({ ...parts, kind: "refused" });
    },
  };
}

interface Attempt {
  readonly reply: ChatReply | null;
  /** Why there is no reply. */
  readonly why: string | null;
  readonly kind: EndpointErrorKind | null;
}

/** One call to one model. @throws EndpointError for a refused key or an unknown model: that is no outage. */
async function attempt(arm: LiveArm, request: ChatRequest, options: ChatOptions): Promise<Attempt> {
  try {
    const reply = await arm.client.chat({ ...request, model: arm.requestModel }, options);
    if (!isServedBy(reply.servedModel, arm))
      return { reply: null, why: "another model answered", kind: "bad-reply" };
    return { reply: { ...reply, servedModel: arm.requestModel }, why: null, kind: null };
  } catch (error) {
    if (!(error instanceof EndpointError) || error.kind === "auth" || error.kind === "unknown-model")
      throw error;
    return { reply: null, why: error.kind, kind: error.kind };
  }
}

/** Why a local answer is not taken; null when it is. */
export function flawOf({ text, toolCalls, finishReason }: ChatReply, { accept }: RouteRules): string | null {
  if (text.trim() === "" && toolCalls.length === 0) return "empty";
  if (accept.finished && finishReason === "length") return "cut off";
  const parsed = accept.json || accept.confidence !== undefined ? parseAnswer(text) : null;
  if (parsed?.ok === false) return "not JSON";
  if (accept.confidence === undefined || !parsed?.ok) return null;
  const sure = memberAt(parsed.value, accept.confidence.at);
  return typeof sure === "number" && sure >= accept.confidence.atLeast ? null : "not sure";
}

function priced(usage: ChatUsage, arm: LiveArm, wastedUsd: number | null): ChatUsage {
  const costUsd = arm.costOf(usage);
  return { ...usage, costUsd: costUsd === null || wastedUsd === null ? null : costUsd + wastedUsd };
}
