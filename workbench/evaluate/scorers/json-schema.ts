import type { ValidateFunction } from "ajv";
import { z } from "zod";
import { compileSchema } from "./compile-schema.ts";
import { digestible, defineScorer, right, unscored, wrong, type ScorerOptions } from "./define.ts";
import { parseAnswer } from "./json.ts";
import type { Scorer } from "../types.ts";

/**
 * 1 if the answer is JSON that the schema accepts, else 0 with the failing paths as evidence.
 * Takes a zod schema or a JSON Schema (draft 7, or 2020-12 where `$schema` says so; by ajv, without
 * loading any reference). A schema that is not followed as its draft says leaves the answer unscored.
 *
 * When to use: structured output, tool arguments.
 * When not to use: free text; and it says nothing about whether the values are right.
 * Worked value: `jsonSchema(z.object({queue: z.string()}))({output: '{"queue":1}'})` gives `{value: 0}` with evidence `["queue"]`.
 */
export function jsonSchema(schema: z.ZodType | object, options: ScorerOptions = {}): Scorer {
  const check = schema instanceof z.ZodType ? zodCheck(schema) : ajvCheck(schema);
  const shape = schema instanceof z.ZodType ? z.toJSONSchema(schema, { unrepresentable: "any" }) : schema;
  const spec = { name: "jsonSchema", version: 1, args: { schema: digestible(shape) }, options };
  return defineScorer(spec, async ({ output }) => {
    const parsed = parseAnswer(output);
    if (!parsed.ok) return wrong(parsed.why);
    const paths = await check(parsed.value).catch((thrown: unknown) => `the schema: ${messageOf(thrown)}`);
    if (typeof paths === "string") return unscored(paths);
    return paths.length === 0
      ? right
      : { ...wrong(`the schema refuses ${paths.slice(0, 3).join(", ")}`), evidence: paths };
  });
}

/**
 * 1 if the answer is JSON at all.
 * When to use: as a guardrail beside the primary. When not to use: as proof of anything else.
 * Worked value: `validJson()({output: "{}"})` gives `{value: 1}`.
 */
export function validJson(options: ScorerOptions = {}): Scorer {
  return defineScorer({ name: "validJson", version: 1, args: {}, options }, ({ output }) => {
    const parsed = parseAnswer(output);
    return parsed.ok ? right : wrong(parsed.why);
  });
}

type Check = (value: unknown) => Promise<readonly string[]>;

function zodCheck(schema: z.ZodType): Check {
  return async (value) => {
    const result = await schema.safeParseAsync(value);
    if (result.success) return [];
    return unique(result.error.issues.map(({ path }) => path.map(String).join(".") || "(the whole)"));
  };
}

function ajvCheck(schema: object): Check {
  let compiled: ValidateFunction | undefined;
  return async (value) => {
    compiled ??= await compileSchema(schema);
    if (compiled(value)) return [];
    return unique((compiled.errors ?? []).map(({ instancePath }) => dotted(instancePath)));
  };
}

const dotted = (pointer: string): string => pointer.slice(1).replaceAll("/", ".") || "(the whole)";
const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
const unique = (paths: readonly string[]): readonly string[] => [...new Set(paths)].sort();
