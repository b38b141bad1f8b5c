import { z } from "zod";

const text = z.string().nullable().default(null);
const flag = z.boolean().nullable().default(null);
const amount = z.number().nullable().default(null);
const count = z.number().int().nonnegative().nullable().default(null);
const json = z.unknown().default(null);

export const ToolCall = z.object({ id: text, name: z.string(), arguments: json });

export const Message = z.object({
  role: z.string(),
  content: text,
  parts: json,
  name: text,
  tool_calls: z.array(ToolCall).default([]),
  tool_call_id: text,
});
export type Message = z.infer<typeof Message>;

export const OutputChoice = Message.extend({ finish_reason: text });

export const Signal = z.object({
  /** thumb, rating, correction, follow_up, abandonment; reformulated, accepted, copied, cited, read. */
  kind: z.string(),
  raw: json,
  /** In [-1, 1]; the rule that made it is `reason`. */
  value: amount,
  label: text,
  comment: text,
  corrected_text: text,
  correction_kind: text,
  rater: text,
  occurred_at: text,
  reason: text,
});
export type Signal = z.infer<typeof Signal>;

/**
 * One logged model call, the canonical row of ingest-and-curate: what a segment's Parquet holds and
 * what `curate` reads. Missing is null, never 0 or "". Times are ISO text in UTC until DuckDB stores
 * them as TIMESTAMPTZ.
 */
export const Interaction = z.object({
  schema: z.literal("workbench/interaction@1").default("workbench/interaction@1"),
  interaction_id: text,
  source_id: text,
  kind: z.enum(["llm", "tool", "retriever", "agent", "chain"]).default("llm"),
  trace_id: text,
  parent_id: text,
  conversation_id: text,
  turn: count,
  agent: text,
  user_key: text,
  started_at: text,
  ended_at: text,
  updated_at: text,
  provider: text,
  model_requested: text,
  model_served: text,
  arm: text,
  params: json,
  task_type: text,
  task_text: text,
  context: z.array(z.object({ id: text, text, score: amount })).default([]),
  system: text,
  tools: json,
  messages: z.array(Message).default([]),
  output: z.array(OutputChoice).default([]),
  reasoning: text,
  tools_used: z
    .array(z.object({ name: z.string(), arguments: json, result: json, success: flag, latency_ms: amount }))
    .default([]),
  sub_agents: z.array(z.object({ agent: z.string(), task: text, result: json, success: flag })).default([]),
  steps: z
    .array(
      z.object({
        n: z.number().int(),
        state: json,
        action: json,
        observation: json,
        reward: amount,
        occurred_at: text,
      }),
    )
    .default([]),
  status: z.enum(["ok", "error", "cut"]).default("ok"),
  error: z.object({ code: text, message: text }).nullable().default(null),
  task_completed: flag,
  hallucination_detected: flag,
  tool_success_rate: amount,
  output_quality: amount,
  input_tokens: count,
  output_tokens: count,
  cached_tokens: count,
  reasoning_tokens: count,
  latency_ms: amount,
  ttft_ms: amount,
  cost_usd: amount,
  cost_source: text,
  feedback: z.array(Signal).default([]),
  tags: z.array(z.string()).default([]),
  metadata: json,
  extra: json,
});
export type Interaction = z.infer<typeof Interaction>;

/** What an import adds to each row: where in which bytes it came from. */
export const StoredInteraction = Interaction.extend({
  interaction_id: z.string(),
  row_key: z.string(),
  import_id: z.string(),
  line_no: z.number().int(),
  part: z.number().int(),
  byte_offset: z.number().int(),
  byte_length: z.number().int(),
  format: z.string(),
  redactions: z.record(z.string(), z.number().int()).default({}),
});
export type StoredInteraction = z.infer<typeof StoredInteraction>;

/** A signal about an interaction that arrives as a record of its own, perhaps late. */
export const FeedbackEvent = Signal.extend({
  schema: z.literal("workbench/feedback@1").default("workbench/feedback@1"),
  feedback_id: text,
  target: z.object({
    interaction_id: text,
    format: text,
    source_id: text,
    trace_id: text,
    conversation_id: text,
  }),
  explicit: z.boolean().default(true),
  /** What no column takes. */
  extra: json,
});
export type FeedbackEvent = z.infer<typeof FeedbackEvent>;

/** A feedback record as a segment's `feedback.parquet` holds it. */
export const StoredFeedback = FeedbackEvent.extend({
  feedback_id: z.string(),
  row_key: z.string(),
  import_id: z.string(),
  line_no: z.number().int(),
  part: z.number().int(),
  byte_offset: z.number().int(),
  byte_length: z.number().int(),
  redactions: z.record(z.string(), z.number().int()).default({}),
});
export type StoredFeedback = z.infer<typeof StoredFeedback>;
