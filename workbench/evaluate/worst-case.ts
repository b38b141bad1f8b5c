import type { ChatRequest } from "../endpoint/client.ts";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { canonical } from "../schema/canonical.ts";
import type { LiveArm } from "./arm.ts";

const TEMPLATE_TOKENS = 256;

/**
 * Tokens that a prompt has at the most: one for each UTF-8 byte of the request, since no byte-level
 * tokenizer makes more, and 256 for what a chat template adds.
 */
export function mostInputTokens(request: Pick<ChatRequest, "messages" | "tools">): number {
  const sent = canonical({ messages: request.messages, tools: request.tools ?? [] });
  return Buffer.byteLength(sent) + TEMPLATE_TOKENS;
}

/** US dollars that an attempt costs at the most. @throws WB_SUITE_INVALID, WB_PRICE_UNKNOWN. */
export function worstCaseUsd(arm: LiveArm, request: ChatRequest): number {
  if (request.maxTokens === undefined) throw unbounded(arm);
  const usage = { inputTokens: mostInputTokens(request), cachedTokens: 0, outputTokens: request.maxTokens };
  const usd = arm.costOf(usage);
  if (usd === null) throw unpriced(arm);
  return usd;
}

/** Whether a token of this model has a price. */
export const isPriced = ({ costOf }: LiveArm): boolean =>
  costOf({ inputTokens: 1, cachedTokens: 0, outputTokens: 1 }) !== null;

export function unpriced({ name, model }: LiveArm): WorkbenchError {
  return new WorkbenchError({
    code: "WB_PRICE_UNKNOWN",
    where: `arm ${quoted(name)}`,
    what: `the model ${quoted(model)} has no price, so a budget in dollars cannot be kept`,
    fix: "give its `price` in workbench.config.yaml and a row in the price tables, or leave the budget out",
  });
}

export function unbounded({ name }: LiveArm): WorkbenchError {
  return new WorkbenchError({
    code: "WB_SUITE_INVALID",
    where: `arm ${quoted(name)}`,
    what: "a budget in dollars needs maxTokens in every request",
    why: "without it nobody knows what the next answer may cost",
    fix: "chat({ …, maxTokens: 200 })",
  });
}
