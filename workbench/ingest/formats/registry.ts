import { braintrust } from "./braintrust.ts";
import { events } from "./events.ts";
import type { Format } from "./format.ts";
import { helicone } from "./helicone.ts";
import { inspect } from "./inspect.ts";
import { langfuseScores } from "./langfuse-scores.ts";
import { langfuseTraces } from "./langfuse-traces.ts";
import { langfuse } from "./langfuse.ts";
import { langsmithFeedback } from "./langsmith-feedback.ts";
import { langsmith } from "./langsmith.ts";
import { litellmSpend } from "./litellm-spend.ts";
import { litellm } from "./litellm.ts";
import { ollama } from "./ollama.ts";
import { openaiBatch } from "./openai-batch.ts";
import { openaiChat } from "./openai-chat.ts";
import { openaiResponses } from "./openai-responses.ts";
import { openinference } from "./openinference.ts";
import { otelEvents } from "./otel-events.ts";
import { otelLegacy } from "./otel-legacy.ts";
import { otelSpans } from "./otel-spans.ts";
import { sharegpt } from "./sharegpt.ts";
import { alpaca, chatRows, preferences, promptCompletion } from "./training-rows.ts";
import { workbench } from "./workbench.ts";

/** Every format that is recognised by itself. Their signatures are disjoint: no record matches two. */
export const FORMATS: readonly Format[] = [
  workbench,
  events,
  openaiChat,
  openaiBatch,
  openaiResponses,
  ollama,
  otelSpans,
  otelEvents,
  otelLegacy,
  openinference,
  langfuse,
  langfuseScores,
  langfuseTraces,
  langsmith,
  langsmithFeedback,
  litellm,
  litellmSpend,
  helicone,
  braintrust,
  inspect,
  sharegpt,
  alpaca,
  chatRows,
  promptCompletion,
  preferences,
];
