import {
  FeedbackEvent,
  Interaction,
  Message,
  OutputChoice,
  Signal,
  ToolCall,
} from "../schema/interaction.ts";
import type { LeftInPlace } from "./detector.ts";
import type { Entity } from "./find.ts";
import { findEntities } from "./find.ts";
import type { Policy } from "./policy.ts";
import { pseudonym } from "./pseudonym.ts";
import type { Replaced } from "./report.ts";
import { surrogate } from "./surrogate.ts";
import { isTelling, withUsers } from "./users.ts";

export interface Redacted<T> {
  readonly value: T;
  /** How often each kind of entity was replaced. */
  readonly counts: Readonly<Record<string, number>>;
  /** Look-alikes that failed their checksum and were left in place. */
  readonly left: Readonly<Record<string, number>>;
}

// A value under such a key is a secret whatever it looks like.
const SECRET_KEY =
  /^(?:pass(?:word|wd)?|pwd|secret|client_?secret|api_?key|apikey|access_?token|refresh_?token|private_?key|authorization|x-api-key)$/i;

// Names of ours: they tell of nobody, whatever the lists hold, and a row without them would be lost.
const COLUMNS = new Set(
  [Interaction, Message, OutputChoice, ToolCall, Signal, FeedbackEvent].flatMap(({ shape }) =>
    Object.keys(shape),
  ),
);

const LONGEST_SECRET_KEY = "client_secret".length;
const isSecretKey = (name: string): boolean => name.length <= LONGEST_SECRET_KEY && SECRET_KEY.test(name);

/**
 * Replaces personal data and secrets in every string and every key of a JSON value, by stable
 * pseudonyms. Pure: the input is not changed, and a value without findings is returned as it is.
 *
 * `about.scope` is the conversation, used only by a policy whose scope is "conversation";
 * `about.users` are ids that `user_key` columns hold: they go wherever else they stand as whole words.
 */
export function redactValue<T>(value: T, policy: Policy, key: Uint8Array, about: About = {}): Redacted<T> {
  if (!policy.redact) return { value, counts: {}, left: {} };
  const tally = new Tally();
  const context: Context = {
    policy,
    key,
    scope: policy.scope === "conversation" ? (about.scope ?? "") : "",
    users: (about.users ?? []).filter(isTelling),
    count: tally.count,
    left: tally.left,
    column: "",
    made: about.made ?? NO_COLUMNS,
    onReplaced: about.onReplaced ?? null,
  };
  const clean = walk(value, context, true) as T;
  return { value: clean, counts: tally.counts, left: tally.missed };
}

export interface About {
  readonly scope?: string | null;
  readonly users?: readonly string[];
  /** Top-level columns whose values are the caller's own, such as pseudonyms: they are not searched. */
  readonly made?: ReadonlySet<string>;
  /** Told of each value that is replaced, and of the column it stood in. */
  readonly onReplaced?: (replaced: Replaced) => void;
}

const NO_COLUMNS: ReadonlySet<string> = new Set();

class Tally {
  readonly counts: Record<string, number> = {};
  readonly missed: Record<string, number> = {};
  readonly count = (kind: string): void => void (this.counts[kind] = (this.counts[kind] ?? 0) + 1);
  readonly left: LeftInPlace = (what) => void (this.missed[what] = (this.missed[what] ?? 0) + 1);
}

interface Context {
  readonly users: readonly string[];
  readonly policy: Policy;
  readonly key: Uint8Array;
  readonly scope: string;
  readonly count: (kind: string) => void;
  readonly left: LeftInPlace;
  /** The top-level key that is walked. */
  column: string;
  readonly made: ReadonlySet<string>;
  readonly onReplaced: ((replaced: Replaced) => void) | null;
}

function walk(value: unknown, context: Context, isRow = false): unknown {
  if (typeof value === "string") return redactText(value, context);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return walkList(value, context);
  const record = value as Readonly<Record<string, unknown>>;
  let copy: Record<string, unknown> | null = null;
  for (const name in record) {
    if (isRow) context.column = name;
    const before = record[name];
    const isColumn = COLUMNS.has(name);
    const cleanName = isColumn ? name : redactText(name, context);
    const after =
      !isColumn && typeof before === "string" && isSecretKey(name)
        ? redactSecret(before, context)
        : isRow && context.made.has(name)
          ? before
          : walk(before, context);
    if (copy === null && (after !== before || cleanName !== name)) {
      copy = Object.create(null) as Record<string, unknown>;
      for (const earlier of Object.keys(record)) {
        if (earlier === name) break;
        copy[earlier] = record[earlier];
      }
    }
    if (copy) copy[freeName(cleanName, copy)] = after;
  }
  return copy ?? value;
}

/** Two spellings of one address as keys of one object keep both their values. */
function freeName(name: string, taken: Readonly<Record<string, unknown>>): string {
  let free = name;
  for (let n = 2; free in taken; n++) free = `${name}#${n}`;
  return free;
}

function walkList(list: readonly unknown[], context: Context): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (let at = 0; at < list.length; at++) {
    const after = walk(list[at], context);
    if (after !== list[at]) copy ??= list.slice(0, at);
    copy?.push(after);
  }
  return copy ?? list;
}

function redactSecret(value: string, context: Context): string {
  if (value.length < SHORTEST_SECRET) return redactText(value, context);
  return token({ kind: "SECRET", normal: value, value }, context);
}
const SHORTEST_SECRET = 6;

function redactText(text: string, context: Context): string {
  if (text.length < 4) return text;
  const { policy, left, users } = context;
  const entities = withUsers(text, findEntities(text, policy, left), users);
  if (entities.length === 0) return text;
  let clean = "";
  let at = 0;
  for (const entity of entities) {
    clean += text.slice(at, entity.start) + token(entity, context);
    at = entity.end;
  }
  return clean + text.slice(at);
}

function token(
  { kind, normal, value }: Pick<Entity, "kind" | "normal" | "value">,
  { policy, key, scope, column, count, onReplaced }: Context,
): string {
  if (/^\[[A-Z_]{2,12}:[a-z2-7]{10}\]$/.test(normal)) return normal;
  count(kind);
  onReplaced?.({ kind, column, value });
  // A user is one person in every conversation, as in the column user_key.
  const within = kind === "USER" ? "" : scope;
  const natural = policy.style === "surrogate" ? surrogate({ kind, normal, scope: within }, key) : null;
  if (natural !== null) return natural;
  const stand = pseudonym({ kind, normal, scope: within }, key);
  if (kind !== "DATA") return stand;
  const media = /^data:([a-z]+\/[\w.+-]{1,50})/.exec(normal)?.[1]?.toLowerCase() ?? "data";
  return stand.replace(":", `:${media.replace(/[^a-z0-9.+/-]/g, "-")}:`);
}
