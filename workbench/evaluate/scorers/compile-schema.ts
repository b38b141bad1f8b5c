import type { ValidateFunction } from "ajv";
import { memberAt } from "./json.ts";
import { asItsDraft } from "./schema-draft.ts";

/** `ownProperties`: a member that every object inherits, like `toString`, is none of the answer's. */
const OPTIONS = { strict: false, allErrors: true, logger: false, ownProperties: true } as const;

/**
 * A JSON Schema as a function: draft 2020-12 where its `$schema` says so, else draft 7. No reference is
 * loaded from anywhere. ajv is loaded by the first schema, so that suites without one start faster.
 * @throws Error for what is no schema, and for what is not followed as its draft says.
 */
export async function compileSchema(schema: object): Promise<ValidateFunction> {
  const named = memberAt(schema, "$schema");
  if (typeof named === "string" && named.includes("2020-12")) {
    const { Ajv2020 } = await import("ajv/dist/2020.js");
    return new Ajv2020(OPTIONS).compile(asItsDraft(schema, "2020-12") as object);
  }
  const { Ajv } = await import("ajv");
  return new Ajv(OPTIONS).compile(asItsDraft(schema, "draft-07") as object);
}
