import type { Interaction, Message, Signal } from "../schema/interaction.ts";
import type { InteractionDraft } from "./formats/format.ts";

/**
 * A draft as zod's `Interaction` would give it, top-level nulls read as absent; or null when that
 * is not certain at first sight, and then zod has to be asked. Checking by hand takes a fifth of
 * zod's time, and it is a good part of an import; a property test holds the two together.
 */
export function quickInteraction(draft: InteractionDraft): Interaction | null {
  const sure = { yes: true };
  const row: Interaction = {
    schema: schemaOf(draft.schema, sure),
    interaction_id: text(draft.interaction_id, sure),
    source_id: text(draft.source_id, sure),
    kind: oneOf(KINDS, draft.kind ?? "llm", sure),
    trace_id: text(draft.trace_id, sure),
    parent_id: text(draft.parent_id, sure),
    conversation_id: text(draft.conversation_id, sure),
    turn: count(draft.turn, sure),
    agent: text(draft.agent, sure),
    user_key: text(draft.user_key, sure),
    started_at: text(draft.started_at, sure),
    ended_at: text(draft.ended_at, sure),
    updated_at: text(draft.updated_at, sure),
    provider: text(draft.provider, sure),
    model_requested: text(draft.model_requested, sure),
    model_served: text(draft.model_served, sure),
    arm: text(draft.arm, sure),
    params: draft.params ?? null,
    task_type: text(draft.task_type, sure),
    task_text: text(draft.task_text, sure),
    context: none(draft.context, sure),
    system: text(draft.system, sure),
    tools: draft.tools ?? null,
    messages: list(draft.messages ?? [], message, sure),
    output: list(draft.output ?? [], choice, sure),
    reasoning: text(draft.reasoning, sure),
    tools_used: none(draft.tools_used, sure),
    sub_agents: none(draft.sub_agents, sure),
    steps: none(draft.steps, sure),
    status: oneOf(STATUSES, draft.status ?? "ok", sure),
    error: (draft.error ?? null) === null ? null : unsure(null, sure),
    task_completed: flag(draft.task_completed, sure),
    hallucination_detected: flag(draft.hallucination_detected, sure),
    tool_success_rate: amount(draft.tool_success_rate, sure),
    output_quality: amount(draft.output_quality, sure),
    input_tokens: count(draft.input_tokens, sure),
    output_tokens: count(draft.output_tokens, sure),
    cached_tokens: count(draft.cached_tokens, sure),
    reasoning_tokens: count(draft.reasoning_tokens, sure),
    latency_ms: amount(draft.latency_ms, sure),
    ttft_ms: amount(draft.ttft_ms, sure),
    cost_usd: amount(draft.cost_usd, sure),
    cost_source: text(draft.cost_source, sure),
    feedback: list(draft.feedback ?? [], signal, sure),
    tags: list(draft.tags ?? [], word, sure),
    metadata: draft.metadata ?? null,
    extra: draft.extra ?? null,
  };
  return sure.yes ? row : null;
}

/** Cleared by the first member that zod must look at. */
interface Sure {
  yes: boolean;
}

function unsure<T>(standIn: T, sure: Sure): T {
  sure.yes = false;
  return standIn;
}

const KINDS = new Set<unknown>(["llm", "tool", "retriever", "agent", "chain"]);
const STATUSES = new Set<unknown>(["ok", "error", "cut"]);

function oneOf<T>(allowed: ReadonlySet<unknown>, value: unknown, sure: Sure): T {
  return allowed.has(value) ? (value as T) : unsure(value as T, sure);
}

function schemaOf(value: unknown, sure: Sure): Interaction["schema"] {
  const name = "workbench/interaction@1";
  return (value ?? name) === name ? name : unsure(name, sure);
}

function text(value: unknown, sure: Sure): string | null {
  if (typeof value === "string") return value;
  return (value ?? null) === null ? null : unsure(null, sure);
}

function word(value: unknown, sure: Sure): string {
  return typeof value === "string" ? value : unsure("", sure);
}

function flag(value: unknown, sure: Sure): boolean | null {
  if (typeof value === "boolean") return value;
  return (value ?? null) === null ? null : unsure(null, sure);
}

function amount(value: unknown, sure: Sure): number | null {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return (value ?? null) === null ? null : unsure(null, sure);
}

function count(value: unknown, sure: Sure): number | null {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  return (value ?? null) === null ? null : unsure(null, sure);
}

function list<T>(value: unknown, item: (value: Item, sure: Sure) => T, sure: Sure): T[] {
  if (!Array.isArray(value)) return unsure([], sure);
  const items = new Array<T>(value.length);
  for (let at = 0; at < value.length; at++) items[at] = item(value[at] as Item, sure);
  return items;
}

/** A list that logs seldom have: zod looks at its elements. */
function none<T>(value: unknown, sure: Sure): T[] {
  return (value ?? null) === null || (Array.isArray(value) && value.length === 0) ? [] : unsure([], sure);
}

type Item = { readonly [name: string]: unknown } & string;

/** Null stands for absent only at the top: a list inside a turn is there or it is not. */
function inner<T>(value: unknown, item: (value: Item, sure: Sure) => T, sure: Sure): T[] {
  return value === undefined ? [] : list(value, item, sure);
}

const isObject = (value: unknown): boolean =>
  value !== null && typeof value === "object" && !Array.isArray(value);

function message(value: Item, sure: Sure): Message {
  if (!isObject(value)) return unsure(value as never, sure);
  return {
    role: word(value["role"], sure),
    content: text(value["content"], sure),
    parts: value["parts"] ?? null,
    name: text(value["name"], sure),
    tool_calls: inner(value["tool_calls"], toolCall, sure),
    tool_call_id: text(value["tool_call_id"], sure),
  };
}

function choice(value: Item, sure: Sure): Interaction["output"][number] {
  if (!isObject(value)) return unsure(value as never, sure);
  return {
    role: word(value["role"], sure),
    content: text(value["content"], sure),
    parts: value["parts"] ?? null,
    name: text(value["name"], sure),
    tool_calls: inner(value["tool_calls"], toolCall, sure),
    tool_call_id: text(value["tool_call_id"], sure),
    finish_reason: text(value["finish_reason"], sure),
  };
}

function toolCall(value: Item, sure: Sure): Message["tool_calls"][number] {
  if (!isObject(value)) return unsure(value as never, sure);
  return {
    id: text(value["id"], sure),
    name: word(value["name"], sure),
    arguments: value["arguments"] ?? null,
  };
}

function signal(value: Item, sure: Sure): Signal {
  if (!isObject(value)) return unsure(value as never, sure);
  return {
    kind: word(value["kind"], sure),
    raw: value["raw"] ?? null,
    value: amount(value["value"], sure),
    label: text(value["label"], sure),
    comment: text(value["comment"], sure),
    corrected_text: text(value["corrected_text"], sure),
    correction_kind: text(value["correction_kind"], sure),
    rater: text(value["rater"], sure),
    occurred_at: text(value["occurred_at"], sure),
    reason: text(value["reason"], sure),
  };
}
