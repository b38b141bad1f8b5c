import { keyedDigest } from "../redact/keyed-digest.ts";
import { userKey } from "../redact/pseudonym.ts";
import { FeedbackEvent, Interaction } from "../schema/interaction.ts";
import type { FeedbackDraft, InteractionDraft, Note } from "./formats/format.ts";
import { MapRefusal, isRecord, listOf } from "./formats/format.ts";
import { quickInteraction } from "./quick-row.ts";
import { isExplicit, valued } from "./signals.ts";
import { instant, millisecondsBetween } from "./time.ts";

export interface Finishing {
  readonly format: string;
  readonly key: Uint8Array;
  readonly note: Note;
  /** Of the record's bytes and the row's place among its rows. */
  readonly rowKey: string;
}

type Draft = Readonly<Record<string, unknown>>;

/**
 * Completes a format's draft to a canonical row: times in one form, signals valued, tools used read
 * off the messages, ids made where the source has none. Throws MapRefusal when what the format found
 * does not fit the schema.
 */
export function finishInteraction(
  draft: InteractionDraft,
  extra: Draft | null,
  finishing: Finishing,
): Interaction {
  const { note, key } = finishing;
  const started = timeOf(draft.started_at, "started_at", note);
  const ended = timeOf(draft.ended_at, "ended_at", note);
  const completed: InteractionDraft = {
    ...draft,
    ...withSystem(draft),
    started_at: started,
    ended_at: ended,
    updated_at: timeOf(draft.updated_at, "updated_at", note),
    latency_ms:
      draft.latency_ms ?? (started !== null && ended !== null ? millisecondsBetween(started, ended) : null),
    steps: listOf(draft.steps).map((step) => withTime(step, "steps[].occurred_at", note)),
    feedback: listOf(draft.feedback).map((signal) => finishSignal(signal, "feedback[]", finishing)),
    user_key: userKey(textOrNull(draft.user_key), key),
    extra: mergedExtra(draft.extra, extra),
  };
  const row = quickInteraction(completed) ?? checked(Interaction, withoutNulls(completed));
  row.interaction_id ??= interactionId(row, finishing);
  if (row.tools_used.length === 0) row.tools_used = toolsUsed(row);
  return row;
}

export function finishFeedback(
  draft: FeedbackDraft,
  extra: Draft | null,
  finishing: Finishing,
): FeedbackEvent {
  const target = isRecord(draft.target) ? draft.target : {};
  if (Object.values(target).every((value) => value === null || value === undefined))
    throw new MapRefusal("wrong_shape", "target: a feedback record names nothing that it is about");
  return checked(FeedbackEvent, {
    ...withoutNulls(draft),
    ...finishSignal(draft, "", finishing),
    target,
    explicit: draft.explicit ?? isExplicit(draft.kind),
    extra: mergedExtra(draft.extra, extra),
  });
}

function finishSignal(signal: unknown, path: string, { note, key }: Finishing): Draft {
  if (!isRecord(signal)) throw new MapRefusal("wrong_shape", `${path || "feedback"} is not an object`);
  const timed = withTime(signal, `${path}.occurred_at`, note) as Draft;
  return { ...withoutNulls(valued(timed)), rater: userKey(textOrNull(signal["rater"]), key) };
}

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Absent and null are one: zod's defaults then apply to both. */
function withoutNulls(draft: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(draft).filter(([, value]) => value !== null && value !== undefined),
  );
}

function withTime(value: unknown, path: string, note: Note): unknown {
  if (!isRecord(value)) return value;
  return { ...value, occurred_at: timeOf(value["occurred_at"], path, note) };
}

function timeOf(value: unknown, path: string, note: Note): string | null {
  if (value === null || value === undefined || value === "") return null;
  const time = instant(value);
  if (time === null)
    throw new MapRefusal("wrong_shape", `${path} is not a time between the years 1 and 9999`);
  if (time.changed) note(path, time.changed);
  return time.text;
}

/** A leading system message is the system prompt, and is not repeated among the messages. */
function withSystem(draft: InteractionDraft): Draft {
  const [first, ...rest] = listOf(draft.messages);
  if (
    (draft.system ?? null) !== null ||
    !isRecord(first) ||
    (first["role"] !== "system" && first["role"] !== "developer")
  )
    return {};
  if (typeof first["content"] !== "string") return {};
  return { system: first["content"], messages: rest };
}

function mergedExtra(given: unknown, found: Draft | null): unknown {
  if (found === null) return given ?? null;
  return isRecord(given)
    ? { ...given, ...found }
    : given === null || given === undefined
      ? found
      : { ...found, extra: given };
}

/** Every call of a tool with the result that answers it: by id, else by order. */
function toolsUsed(row: Interaction): Interaction["tools_used"] {
  const calls = ({ tool_calls }: Interaction["messages"][number]): boolean => tool_calls.length > 0;
  if (!row.messages.some(calls) && !row.output.some(calls)) return [];
  const turns = [...row.messages, ...row.output];
  const results = turns.filter(({ role }) => role === "tool");
  const taken = new Set<unknown>();
  return turns
    .flatMap(({ tool_calls }) => tool_calls)
    .map((call) => {
      const result = results.find(
        (turn) =>
          !taken.has(turn) &&
          (call.id !== null && turn.tool_call_id !== null
            ? turn.tool_call_id === call.id
            : turn.name === null || turn.name === call.name),
      );
      if (result) taken.add(result);
      return {
        name: call.name,
        arguments: call.arguments,
        result: result?.content ?? null,
        success: null,
        latency_ms: null,
      };
    });
}

/**
 * Keyed: an id must not let anybody test guesses at the text behind it. Without an id in the source,
 * content and time are the interaction; without a time either, every other record is another one.
 */
function interactionId(row: Interaction, { format, key, rowKey }: Finishing): string {
  const content = [
    row.system,
    row.messages,
    row.output,
    row.started_at,
    row.ended_at,
    row.conversation_id,
    row.user_key,
  ];
  const what =
    row.source_id !== null
      ? `${format}\0${row.source_id}`
      : row.started_at !== null || row.ended_at !== null
        ? JSON.stringify(content)
        : rowKey;
  return keyedDigest(key, `interaction\0${what}`).slice(0, 32);
}

function checked<T>(schema: { safeParse: (value: unknown) => Outcome<T> }, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new MapRefusal(
    "wrong_shape",
    `${issue?.path.map(String).join(".") ?? ""}: ${issue?.message ?? "invalid"}`,
  );
}

type Outcome<T> =
  | { readonly success: true; readonly data: T }
  | {
      readonly success: false;
      readonly error: {
        readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
      };
    };
