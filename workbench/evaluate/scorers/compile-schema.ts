import type { ValidateFunction } from "ajv";
import { memberAt } from "./json.ts";

const OPTIONS = { strict: false, allErrors: true, logger: false } as const;

/**
 * A JSON Schema as a function: draft 2020-12 where its `$schema` says so, else draft 7. No reference is
 * loaded from anywhere. ajv is loaded by the first schema, so that suites without one start faster.
 */
export async function compileSchema(schema: object): Promise<ValidateFunction> {
  const named = memberAt(schema, "$schema");
  if (typeof named === "string" && named.includes("2020-12")) {
    const { Ajv2020 } = await import("ajv/dist/2020.js");
    return new Ajv2020(OPTIONS).compile(schema);
  }
  const { Ajv } = await import("ajv");
  return new Ajv(OPTIONS).compile(schema);
}
