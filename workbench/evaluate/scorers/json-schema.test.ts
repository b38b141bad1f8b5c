import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { jsonSchema } from "./json-schema.ts";

interface Golden {
  readonly values: readonly unknown[];
  readonly cases: readonly { readonly schema: object; readonly valid: readonly boolean[] }[];
}

// Made by scripts/golden/json_schema.py with python-jsonschema.
const path = new URL("../../../scripts/golden/json_schema.json", import.meta.url);
const { values, cases } = JSON.parse(readFileSync(path, "utf8")) as Golden;

test.each(cases.map(({ schema, valid }) => [JSON.stringify(schema), schema, valid] as const))(
  "as python-jsonschema says: %s",
  async (_, schema, valid) => {
    const scorer = jsonSchema(schema);
    const found = [];
    for (const value of values) found.push((await scorer({ output: JSON.stringify(value) })).value);
    expect(found).toEqual(valid.map(Number));
  },
);
