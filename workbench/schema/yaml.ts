import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { Document } from "yaml";
import type { z } from "zod";
import type { ErrorCode } from "../errors/codes.ts";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";

export interface YamlSource {
  /** As the user would type it: `recipes/sft-small.yaml`. */
  readonly file: string;
  readonly code: ErrorCode;
}

/** A parsed file that can still say on which line a value stands. */
export interface YamlFile<T> {
  readonly value: T;
  /** An error about the value at `path`, with its line. */
  readonly errorAt: (
    path: readonly PropertyKey[],
    what: string,
    parts?: { why?: string; fix?: string },
  ) => WorkbenchError;
}

/**
 * Reads a YAML file of a known shape: core schema, no aliases, no duplicate keys, warnings are
 * errors, no coercion. Every refusal names the line, what was expected and what stands there.
 */
export function parseYaml<S extends z.ZodType>(
  text: string,
  schema: S,
  source: YamlSource,
): YamlFile<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    lineCounter: lines,
    uniqueKeys: true,
  });
  const flaw = document.errors[0] ?? document.warnings[0];
  if (flaw) {
    const { line } = lines.linePos(flaw.pos[0]);
    throw new WorkbenchError({
      code: source.code === "WB_CONFIG_INVALID" ? "WB_YAML_INVALID" : source.code,
      where: `${source.file}:${line}`,
      what: (flaw.message.split("\n")[0] ?? flaw.message).replace(/ at line \d+, column \d+:?$/, ""),
      why: "the file is not plain YAML",
      fix: "correct this line; anchors, aliases and tags are not used here",
    });
  }
  const value = toValue(document, source);
  const errorAt: YamlFile<unknown>["errorAt"] = (path, what, parts = {}) =>
    new WorkbenchError({
      code: source.code,
      where: `${source.file}:${lineOf(document, lines, path)}`,
      what,
      ...parts,
    });
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data, errorAt };
  const issue = parsed.error.issues[0];
  const path = issue?.path ?? [];
  const unknownKey = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const at = unknownKey === undefined ? path : [...path, unknownKey];
  throw errorAt(at, sentence(at, issue?.message ?? "invalid", valueAt(value, at), unknownKey !== undefined), {
    ...(unknownKey === undefined
      ? fixFor(issue)
      : { fix: "check the spelling against the documentation of this file" }),
  });
}

/** What to write instead, where the schema says it. */
function fixFor(issue: z.core.$ZodIssue | undefined): { readonly fix?: string } {
  if (issue?.code === "invalid_value") return { fix: `write ${issue.values.map(String).join(" or ")}` };
  return {};
}

function sentence(
  path: readonly PropertyKey[],
  message: string,
  found: unknown,
  isUnknownKey: boolean,
): string {
  const name = path.map(String).join(".") || "the file";
  if (isUnknownKey) return `${name} is not a known setting`;
  const kind = found === null ? "nothing" : Array.isArray(found) ? "a list" : typeof found;
  return `${name}: ${message}, got ${found === undefined ? "nothing" : `${quoted(found)} (${kind === "string" ? "text" : kind})`}`;
}

function toValue(document: Document, source: YamlSource): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch {
    throw new WorkbenchError({
      code: source.code,
      where: source.file,
      what: "aliases are not allowed in this file",
      fix: "write the value out where it is used",
    });
  }
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const value = document.getIn(path.slice(0, depth), true);
    const node = (isMap(value) ? (keyNode(document, path.slice(0, depth)) ?? value) : value) as
      { range?: readonly number[] | null } | undefined;
    const start = node?.range?.[0];
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}

/** The key of a member: a block below it begins a line later. */
function keyNode(document: Document, path: readonly PropertyKey[]): unknown {
  const parent = path.length === 0 ? null : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  return parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))?.key;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      at !== null && typeof at === "object" ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
