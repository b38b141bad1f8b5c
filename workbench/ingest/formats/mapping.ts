import { z } from "zod";
import { ImplicitSignals } from "../../schema/implicit-signals.ts";
import { Interaction } from "../../schema/interaction.ts";
import { Name } from "../../schema/names.ts";
import type { JsonRecord } from "../parse.ts";
import { chatMessages, splitConversation } from "./chat.ts";
import { roleOf } from "./message.ts";
import type { MessageDraft } from "./message.ts";
import { EVENT_MEMBERS, eventSignal } from "./events.ts";
import type { Fields, Format, Note } from "./format.ts";
import { MapRefusal, isRecord, jsonOf, listOf, numberOf, textOf } from "./format.ts";
import type { Path } from "./path.ts";
import { fieldOf, parsePath, valueAt } from "./path.ts";
import { typedText } from "./typed-text.ts";

/**
 * A value of a row: a path (`$.a.b`), a text with paths in it (`task {$.id}`), any other literal, a
 * list or object of values, or one of the forms of Expression.
 */
export type Value = unknown;

const Expression = z.strictObject({
  /** The first of these paths that has a value. */
  path: z.union([z.string(), z.array(z.string()).min(1)]),
  /** Other values for some values: `{up: 1, down: -1}`. */
  map: z.record(z.string(), z.unknown()).optional(),
  /** True when the value equals this one, false when it is another, null when there is none. */
  equals: z.union([z.string(), z.number(), z.boolean()]).optional(),
  /** True when the number is this or more. */
  at_least: z.number().optional(),
  /** Multiplies a number: seconds to milliseconds is 1000. */
  scale: z.number().optional(),
  /** Parses a text that holds JSON. */
  json: z.boolean().optional(),
  /** Makes a value of each element of the list at `path`; paths in it start at the element. */
  each: z.unknown().optional(),
  default: z.unknown().optional(),
});

/** `*.mapping.yaml`: how a log that no importer knows becomes canonical rows. */
export const Mapping = z.strictObject({
  schema: z.literal("workbench/mapping@1"),
  name: Name,
  /** A list in the record of which each element becomes a row of its own; paths start at the element, and `$.$` is the record. */
  explode: z.string().optional(),
  /** Whole conversation: leads to `messages`, and to `output` if the assistant has the last word. */
  conversation: z.string().optional(),
  messages: z.string().optional(),
  output: z.string().optional(),
  /** How a message is written, when not as OpenAI's chat API does. */
  message: z.strictObject({ role: z.string(), content: z.string(), name: z.string().optional() }).optional(),
  /** The log's names of roles → system, user, assistant, tool. */
  roles: z.record(z.string(), z.enum(["system", "user", "assistant", "tool"])).default({}),
  row: z.record(z.string(), z.unknown()).default({}),
  feedback: z.array(z.record(z.string(), z.unknown())).default([]),
  /** The record is no interaction but an event of an interface: its members, as `workbench/event@1` names them. */
  event: z.record(z.string(), z.unknown()).optional(),
  /** What events are worth, where it is not the default. */
  signals: ImplicitSignals.prefault({}),
  /** Paths that are kept in `extra` and need no report. */
  keep: z.array(z.string()).default([]),
  /** Paths that are left out, each with the reason. */
  drop: z.record(z.string(), z.string()).default({}),
});
export type Mapping = z.infer<typeof Mapping>;

/** The format that a mapping file describes. Raises MappingFlaw for a path or expression that is none. */
export function mappingFormat(mapping: Mapping, digest: string): Format {
  const used = new Set<string>();
  const compile = compiler(used);
  const explode = mapping.explode === undefined ? null : compile.path(mapping.explode, ["explode"]);
  const stranger = Object.keys(mapping.row).find((key) => !(key in Interaction.shape));
  if (stranger !== undefined)
    throw new MappingFlaw(["row", stranger], `row.${stranger} is not a column of an interaction`);
  const row = compile.object(mapping.row, ["row"]);
  const feedback = mapping.feedback.map((signal, n) => compile.object(signal, ["feedback", n]));
  const event = mapping.event && compile.object(checkedEvent(mapping.event), ["event"]);
  const turns = turnsOf(mapping, compile);
  return {
    name: `mapping:${mapping.name}`,
    mapping: { value: mapping, sha256: digest },
    version: digest.slice(0, 12),
    matches: () => true,
    map: (record, note) => {
      const items = explode ? elements(record, explode) : [record];
      if (event)
        return {
          interactions: [],
          feedback: items.map((item) => eventSignal(event(item, note), mapping.signals)),
        };
      return {
        interactions: items.map((item) => ({
          ...typed(row(item, note)),
          ...turns(item, note),
          feedback: feedback.map((signal) => signal(item, note)).filter(isGiven),
        })),
      };
    },
    fields: fieldsOf(mapping, used, explode),
  };
}

function checkedEvent(event: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const stranger = Object.keys(event).find((key) => !EVENT_MEMBERS.split(" ").includes(key));
  if (stranger === undefined) return event;
  throw new MappingFlaw(
    ["event", stranger],
    `event.${stranger} is none of ${EVENT_MEMBERS.replaceAll(" ", ", ")}`,
  );
}

const typed = (row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(row).map(([column, value]) => [column, typedText(column, value)]));

/** A mistake in a mapping file, with the way to it. */
export class MappingFlaw extends Error {
  readonly path: readonly PropertyKey[];
  constructor(path: readonly PropertyKey[], message: string) {
    super(message);
    this.path = path;
  }
}

type Compiled = (record: JsonRecord, note: Note) => unknown;
type CompiledObject = (record: JsonRecord, note: Note) => Readonly<Record<string, unknown>>;

interface Compiler {
  readonly path: (text: string, at: readonly PropertyKey[]) => Path;
  readonly object: (values: Readonly<Record<string, Value>>, at: readonly PropertyKey[]) => CompiledObject;
}

function compiler(used: Set<string>): Compiler {
  const path: Compiler["path"] = (text, at) => {
    const parsed = parsePath(text);
    if (parsed === null)
      throw new MappingFlaw(at, `${JSON.stringify(text)} is not a path such as $.messages`);
    used.add(fieldOf(parsed));
    return parsed;
  };
  const value = (given: Value, at: readonly PropertyKey[]): Compiled => {
    if (typeof given === "string") return textValue(given, at, path);
    if (Array.isArray(given)) {
      const items = given.map((item: unknown, n) => value(item, [...at, n]));
      return (record, note) =>
        items.map((item) => item(record, note)).filter((item) => item !== null && item !== undefined);
    }
    if (!isRecord(given)) return () => given;
    if (!Object.hasOwn(given, "path")) return object(given, at);
    const parsed = Expression.safeParse(given);
    if (!parsed.success) throw new MappingFlaw(at, parsed.error.issues[0]?.message ?? "not an expression");
    const paths = [parsed.data.path].flat().map((text) => path(text, [...at, "path"]));
    // Paths below `each` start at the element: they are no paths of the record.
    const each =
      parsed.data.each === undefined ? null : compiler(new Set()).object({ it: parsed.data.each }, at);
    return (record, note) => evaluated(paths, record, { ...parsed.data, note, each });
  };
  const object: Compiler["object"] = (values, at) => {
    const members = Object.entries(values).map(
      ([name, given]) => [name, value(given, [...at, name])] as const,
    );
    return (record, note) =>
      Object.fromEntries(members.map(([name, member]) => [name, member(record, note) ?? null]));
  };
  return { path, object };
}

function textValue(given: string, at: readonly PropertyKey[], path: Compiler["path"]): Compiled {
  if (given.startsWith("$")) {
    const found = path(given, at);
    return (record) => valueAt(record, found);
  }
  const parts = given.split(/\{(\$[^}]*)\}/);
  if (parts.length === 1) return () => given;
  const pieces = parts.map((part, n) => (n % 2 === 1 ? path(part, at) : part));
  return (record) => {
    const texts = pieces.map((piece) =>
      typeof piece === "string" ? piece : (valueAt(record, piece) ?? null),
    );
    return texts.includes(null) ? null : texts.map(written).join("");
  };
}

const written = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

interface Evaluation extends Omit<z.infer<typeof Expression>, "path" | "each"> {
  readonly note: Note;
  readonly each: CompiledObject | null;
}

function evaluated(paths: readonly Path[], record: JsonRecord, form: Evaluation): unknown {
  const found = paths
    .map((path) => valueAt(record, path))
    .find((value) => value !== undefined && value !== null);
  if (found === undefined) return form.default ?? null;
  if (form.equals !== undefined) return found === form.equals;
  if (form.at_least !== undefined) {
    const number = numberOf(found);
    return number === null ? (form.default ?? null) : number >= form.at_least;
  }
  if (form.scale !== undefined) return (numberOf(found) ?? Number.NaN) * form.scale;
  if (form.json) return jsonOf(found, paths[0]?.text ?? "", form.note);
  if (form.map) {
    const name = typeof found === "string" ? found : JSON.stringify(found);
    return Object.hasOwn(form.map, name) ? form.map[name] : (form.default ?? null);
  }
  if (form.each) return listOf(found).map((item) => form.each?.(item as JsonRecord, form.note)["it"]);
  return found;
}

function elements(record: JsonRecord, explode: Path): readonly JsonRecord[] {
  return listOf(valueAt(record, explode)).map((item) => {
    if (isRecord(item)) return { ...item, $: record };
    throw new MapRefusal("wrong_shape", `${explode.text} holds something that is not an object`);
  });
}

function turnsOf(mapping: Mapping, compile: Compiler): CompiledObject {
  const at = (name: "conversation" | "messages" | "output"): Path | null => {
    const text = mapping[name];
    return text === undefined ? null : compile.path(text, [name]);
  };
  const [conversation, before, output] = [at("conversation"), at("messages"), at("output")];
  const turns = messagesOf(mapping);
  return (record, note) => {
    const read = (path: Path): readonly MessageDraft[] => turns(valueAt(record, path), note);
    if (conversation) {
      if (!Array.isArray(valueAt(record, conversation)))
        throw new MapRefusal("wrong_shape", `${conversation.text} is not a list of messages`);
      return { ...splitConversation(read(conversation)) };
    }
    return { ...(before && { messages: read(before) }), ...(output && { output: read(output) }) };
  };
}

/** Messages in the log's own form; a text alone is one user message, or the assistant's answer. */
function messagesOf({ message, roles }: Mapping): (value: unknown, note: Note) => readonly MessageDraft[] {
  const paths = message && {
    role: parsePath(message.role),
    content: parsePath(message.content),
    name: message.name === undefined ? null : parsePath(message.name),
  };
  const named = (item: unknown): JsonRecord => {
    if (!isRecord(item)) throw new MapRefusal("wrong_shape", "a message that is not an object");
    if (!paths?.role || !paths.content) return { ...item, role: roleOf(item["role"], roles) };
    return {
      role: roleOf(valueAt(item, paths.role), roles),
      content: valueAt(item, paths.content),
      name: paths.name === null ? null : textOf(valueAt(item, paths.name)),
    };
  };
  return (value, note) => chatMessages((Array.isArray(value) ? value : [value]).map(named), note);
}

/** A signal without a raw value, a value or a corrected text was not given. */
function isGiven(signal: Readonly<Record<string, unknown>>): boolean {
  return ["raw", "value", "corrected_text", "comment"].some((name) => (signal[name] ?? null) !== null);
}

function fieldsOf(mapping: Mapping, used: ReadonlySet<string>, explode: Path | null): Fields {
  const clean = (text: string): string => fieldOf(parsePath(text) ?? { text, steps: [text] });
  const fields: Record<string, Fields[string]> = {};
  for (const path of used) fields[path] = "mapped";
  for (const path of mapping.keep) fields[clean(path)] = "extra";
  for (const [path, reason] of Object.entries(mapping.drop))
    fields[clean(path)] = `dropped because ${reason}`;
  if (explode) fields[fieldOf(explode)] = "mapped";
  delete fields[""];
  return fields;
}
