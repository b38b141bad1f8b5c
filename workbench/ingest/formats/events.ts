import { ImplicitSignals } from "../../schema/implicit-signals.ts";
import type { JsonRecord } from "../parse.ts";
import type { FeedbackDraft, Format } from "./format.ts";
import { paths } from "./declared.ts";
import { MapRefusal, idOf, lookUp, numberOf, textOf } from "./format.ts";

const SCHEMA = "workbench/event@1";

/** Members of an event, in a log or made by a mapping file. */
export const EVENT_MEMBERS =
  "id type at interaction_id interaction format trace conversation user query after_ms citation seconds expected_seconds words";

/**
 * One event of an interface as a signal about an answer: query, accept, copy, citation, read. What is
 * worth what stands in the settings; a query is only compared with the one before it when it is read
 * (catalog/sql/views.sql), as events may arrive in any order.
 */
export function eventSignal(event: JsonRecord, settings: ImplicitSignals): FeedbackDraft {
  const said = lookUp(SIGNALS, event["type"])?.(event, settings);
  if (said === undefined)
    throw new MapRefusal("wrong_shape", "type: none of query, accept, copy, citation, read");
  return {
    feedback_id: idOf(event["id"]),
    target: {
      interaction_id: textOf(event["interaction_id"]),
      format: textOf(event["format"]),
      source_id: idOf(event["interaction"]),
      trace_id: idOf(event["trace"]),
      conversation_id: idOf(event["conversation"]),
    },
    occurred_at: event["at"] ?? null,
    rater: idOf(event["user"]),
    explicit: false,
    ...said,
  };
}

type Said = Pick<FeedbackDraft, "kind" | "raw" | "value" | "reason" | "label">;

const SIGNALS: Readonly<Record<string, (event: JsonRecord, settings: ImplicitSignals) => Said>> = {
  query: (event, { reformulated, reformulatedSimilarity, reformulatedWithinS }) => ({
    kind: "query",
    raw: {
      query: event["query"] ?? null,
      reformulated: {
        value: reformulated,
        similarity: reformulatedSimilarity,
        within_s: reformulatedWithinS,
      },
    },
  }),
  accept: (event, { accepted, acceptedWithinMs }) => {
    const ms = needed(event, "after_ms");
    const isQuick = ms < acceptedWithinMs;
    const when = `${isQuick ? "within" : "after"} ${acceptedWithinMs / 1000} s`;
    return { kind: "accepted", raw: { ms }, value: isQuick ? accepted : 0, reason: `next action ${when}` };
  },
  copy: (_, { copied }) => ({ kind: "copied", value: copied, reason: "the response was copied" }),
  citation: (event, { cited }) => ({
    kind: "cited",
    label: idOf(event["citation"]),
    value: cited,
    reason: "a citation was opened",
  }),
  read: (event, settings) => {
    const seconds = needed(event, "seconds");
    const expected = expectedSeconds(event, settings);
    if (expected === null)
      return { kind: "read", raw: { seconds }, reason: "how long reading takes is not known" };
    const share = seconds / expected;
    const percent = Math.round(settings.readShare * 100);
    const isRead = share >= settings.readShare;
    const reason = `read for ${isRead ? "" : "less than "}${percent} % of the expected time${isRead ? " or more" : ""}`;
    return { kind: "read", raw: { seconds, share }, value: isRead ? settings.read : 0, reason };
  },
};

/** Worked value: 119 words at 238 a minute take 30 s. */
function expectedSeconds(event: JsonRecord, { wordsPerMinute }: ImplicitSignals): number | null {
  const words = numberOf(event["words"]);
  const seconds =
    numberOf(event["expected_seconds"]) ?? (words === null ? null : (words / wordsPerMinute) * 60);
  return seconds !== null && seconds > 0 ? seconds : null;
}

function needed(event: JsonRecord, name: string): number {
  const value = numberOf(event[name]);
  if (value !== null && value >= 0) return value;
  throw new MapRefusal("wrong_shape", `${name}: a number is due`);
}

const DEFAULTS = ImplicitSignals.parse({});

/** The workbench's own events of an interface, valued by the default settings. */
export const events: Format = {
  name: "workbench-events",
  version: 1,
  matches: ({ schema }) => schema === SCHEMA,
  map: (record) => ({ interactions: [], feedback: [eventSignal(record, DEFAULTS)] }),
  fields: { ...paths("mapped", `schema ${EVENT_MEMBERS}`) },
};
