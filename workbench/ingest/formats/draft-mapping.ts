import type { JsonRecord } from "../parse.ts";
import { isRecord, numberOf, textOf } from "./format.ts";

// What members are called, in logs that people wrote by hand. Names only: no value of a log is shown.

/** Columns that take the member as it is. */
const COLUMNS: Readonly<Record<string, string>> = {
  source_id: "id uuid request_id message_id call_id event_id",
  conversation_id:
    "conversation_id session_id thread_id chat_id conversation session thread ticket ticket_id",
  user_key: "user_id user customer_id customer account",
  agent: "agent bot assistant app application",
  started_at: "started_at start_time started timestamp time ts created_at created date datetime at",
  ended_at: "ended_at end_time finished_at completed_at",
  provider: "provider vendor",
  model_served: "model model_name engine deployment",
  task_type: "task_type category intent topic queue",
  input_tokens: "input_tokens prompt_tokens tokens_in",
  output_tokens: "output_tokens completion_tokens tokens_out",
  latency_ms: "latency_ms duration_ms elapsed_ms response_ms",
  cost_usd: "cost_usd cost price_usd",
  system: "system system_prompt",
};
const SECONDS = "latency duration seconds latency_s duration_s elapsed";
const ASKED = "prompt question query input user_message request message text body";
const ANSWERED =
  "response answer output completion reply assistant_message bot_response result generated_text";
const TALKS = "messages conversation dialogue dialog turns transcript chat history";
const SPEAKERS = "role speaker from sender author";
const TEXTS = "content text value message body";
const RATED = "rating stars score feedback thumbs thumb";
const ROLES = new Set(["system", "user", "assistant", "tool", "developer", "function"]);
const KNOWN: Readonly<Record<string, string>> = {
  agent: "assistant",
  ai: "assistant",
  bot: "assistant",
  gpt: "assistant",
  model: "assistant",
  customer: "user",
  human: "user",
  client: "user",
};

/**
 * A mapping file to begin with, guessed from the names of a sample's members; lines to paste. Null when
 * neither a question nor an answer is to be seen. Holds names of members and words of ours, no values.
 */
export function draftMapping(sample: readonly JsonRecord[]): readonly string[] | null {
  const names = [...new Set(sample.flatMap((record) => Object.keys(record)))].filter((name) =>
    /^[A-Za-z_][\w-]{0,40}$/.test(name),
  );
  const find = (words: string, fits: (value: unknown) => boolean): string | undefined =>
    words
      .split(" ")
      .flatMap((word) => names.filter((name) => name.toLowerCase() === word))
      .find((name) => sample.some((record) => fits(record[name])));
  const talk = find(TALKS, (value) => Array.isArray(value) && value.length > 0 && value.every(isRecord));
  // Under names that say nothing, what is asked stands before what is answered.
  const prose = names.filter((name) => sample.every((record) => / /.test(textOf(record[name]) ?? "")));
  const isClear = find(ASKED, isText) !== undefined || find(ANSWERED, isText) !== undefined;
  const [asked, answered] =
    isClear || prose.length < 2 ? [find(ASKED, isText), find(ANSWERED, isText)] : prose;
  if (talk === undefined && asked === undefined && answered === undefined) return null;
  const columns = Object.entries(COLUMNS).flatMap(([column, words]) => {
    const name = find(words, (value) => isText(value) || numberOf(value) !== null);
    return name === undefined ? [] : [`  ${column}: $.${name}`];
  });
  const seconds = columns.some((line) => line.includes("latency_ms")) ? undefined : find(SECONDS, isNumber);
  const rated = find(RATED, (value) => isNumber(value) || typeof value === "boolean");
  const row = [
    ...columns,
    ...(seconds === undefined ? [] : [`  latency_ms: { path: $.${seconds}, scale: 1000 }`]),
    ...(talk !== undefined || asked === undefined
      ? []
      : [`  messages: [{ role: user, content: $.${asked} }]`]),
    ...(talk !== undefined || answered === undefined
      ? []
      : [`  output: [{ role: assistant, content: $.${answered} }]`]),
  ];
  const kind = rated !== undefined && isStars(rated, sample) ? "rating" : "thumb";
  return [
    "schema: workbench/mapping@1",
    "name: ours",
    ...(talk === undefined ? [] : talkLines(talk, sample)),
    ...(row.length === 0 ? [] : ["row:", ...row]),
    ...(rated === undefined ? [] : ["feedback:", `  - { kind: ${kind}, raw: $.${rated} }`]),
  ];
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isNumber = (value: unknown): boolean => numberOf(value) !== null;
const isStars = (name: string, sample: readonly JsonRecord[]): boolean =>
  sample.some((record) => (numberOf(record[name]) ?? 0) > 1);

/** The list of turns, who speaks in them and what, where it is not as OpenAI names it. */
function talkLines(talk: string, sample: readonly JsonRecord[]): readonly string[] {
  const turns = sample.flatMap((record) => {
    const found = record[talk];
    return Array.isArray(found) ? found.filter(isRecord) : [];
  });
  const member = (words: string): string | undefined =>
    words.split(" ").find((word) => turns.some((turn) => isText(turn[word])));
  const [speaker, text] = [member(SPEAKERS), member(TEXTS)];
  const spoken = [...new Set(turns.map((turn) => textOf(turn[speaker ?? ""]) ?? ""))];
  const others = spoken.filter((word) => !ROLES.has(word) && Object.hasOwn(KNOWN, word));
  const isPlain = speaker === "role" && text === "content";
  return [
    `conversation: $.${talk}`,
    ...(speaker === undefined || text === undefined || isPlain
      ? []
      : [`message: { role: $.${speaker}, content: $.${text} }`]),
    ...(others.length === 0
      ? []
      : [`roles: { ${others.map((word) => `${word}: ${KNOWN[word] ?? ""}`).join(", ")} }`]),
  ];
}
