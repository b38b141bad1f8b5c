/** The members of a schema that hold further schemas: one, a list of them, or a map of them. */
const ONE_OR_LIST = new Set(
  (
    "additionalItems additionalProperties allOf anyOf contains else if items not oneOf prefixItems " +
    "propertyNames then unevaluatedItems unevaluatedProperties"
  ).split(" "),
);
const MAP = new Set(
  "$defs definitions dependencies dependentSchemas patternProperties properties".split(" "),
);

export type Draft = "draft-07" | "2020-12";

type Node = Readonly<Record<string, unknown>>;

/**
 * A schema as its draft reads it, where ajv reads it otherwise: in draft 7 whatever stands beside a `$ref`
 * is ignored. What ajv cannot follow is refused rather than judged wrongly: these are the places where it
 * and the official test suite differ.
 * @throws Error naming what is not followed.
 */
export function asItsDraft(schema: unknown, draft: Draft): unknown {
  const seen = new Set<string>();
  const read = withSubschemas(schema, (node) => {
    for (const keyword of Object.keys(node)) seen.add(keyword);
    if ("if" in node && !("then" in node && "else" in node)) seen.add(HALF_IF);
    if (Object.hasOwn(objectAt(node, "properties"), "__proto__")) throw new Error("__proto__ is no property");
    return draft === "draft-07" ? alone(node) : node;
  });
  if (draft === "2020-12") refuseUnfollowed(seen);
  return read;
}

const HALF_IF = "if without then or else";

function refuseUnfollowed(seen: ReadonlySet<string>): void {
  const beside = (keyword: string, others: readonly string[]): void => {
    const other = others.find((one) => seen.has(one));
    if (seen.has(keyword) && other) throw new Error(`${keyword} is not followed beside ${other}`);
  };
  if (seen.has("$dynamicRef")) throw new Error("$dynamicRef is not followed");
  beside("unevaluatedItems", ["contains", "items", HALF_IF]);
  beside("unevaluatedProperties", [HALF_IF]);
}

function objectAt(node: Node, keyword: string): object {
  const value = node[keyword];
  return typeof value === "object" && value !== null ? value : {};
}

function alone(node: Node): Node {
  if (typeof node["$ref"] !== "string") return node;
  const kept = ["$ref", "$schema", "definitions"].filter((keyword) => keyword in node);
  return Object.fromEntries(kept.map((keyword) => [keyword, node[keyword]]));
}

/** A copy with `change` applied to every schema in it, the outer first; enums, examples and the like are no schemas. */
function withSubschemas(schema: unknown, change: (node: Node) => Node): unknown {
  if (Array.isArray(schema)) return schema.map((one) => withSubschemas(one, change));
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = (value: unknown): unknown => withSubschemas(value, change);
  const entries = Object.entries(change(schema as Node)).map(([keyword, value]) => {
    if (ONE_OR_LIST.has(keyword)) return [keyword, inner(value)] as const;
    if (!MAP.has(keyword) || typeof value !== "object" || value === null) return [keyword, value] as const;
    const named = Object.entries(value).map(([name, one]) => [name, inner(one)] as const);
    return [keyword, Object.fromEntries(named)] as const;
  });
  return Object.fromEntries(entries);
}
