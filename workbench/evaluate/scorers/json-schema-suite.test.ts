import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { jsonSchema } from "./json-schema.ts";

interface Group {
  readonly draft: "draft7" | "draft2020-12";
  readonly file: string;
  readonly group: string;
  readonly schema: object | boolean;
  readonly tests: readonly (readonly [description: string, data: unknown, valid: boolean])[];
}

// The official test suite, made by scripts/golden/json_schema_suite.py.
const path = new URL("../../../scripts/golden/json_schema_suite.json", import.meta.url);
const { groups } = JSON.parse(readFileSync(path, "utf8")) as { readonly groups: readonly Group[] };
const URIS = {
  draft7: "http://json-schema.org/draft-07/schema#",
  "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
} as const;

/** Optional groups in which the draft leaves the answer open, and ours is the other one. */
const OTHERWISE: Readonly<Record<Group["draft"], readonly string[]>> = {
  draft7: [
    "optional/content: validation of string-encoded content based on media type",
    "optional/content: validation of binary string-encoding",
    "optional/content: validation of binary-encoded media type documents",
    "optional/float-overflow: all integers are multiples of 0.5, if overflow is handled",
  ],
  "draft2020-12": ["optional/float-overflow: all integers are multiples of 0.5, if overflow is handled"],
};

interface Unclaimed {
  readonly draft: Group["draft"];
  /** How the reason begins. */
  readonly why: string;
  readonly groups: readonly string[];
}

// What is left unscored, by name: references to other documents, and what ajv does not follow.
const beside = new URL("json-schema-unclaimed.json", import.meta.url);
const unclaimed = JSON.parse(readFileSync(beside, "utf8")) as readonly Unclaimed[];

async function tried(draft: Group["draft"]) {
  const $schema = URIS[draft];
  const wrong = new Set<string>();
  const unscored = new Map<string, string>();
  let right = 0;
  for (const { file, group, schema, tests } of groups.filter((one) => one.draft === draft)) {
    const own = typeof schema === "boolean" ? { allOf: [schema] } : schema;
    const scorer = jsonSchema({ $schema, ...own });
    for (const [, data, valid] of tests) {
      const { value, reason } = await scorer({ output: JSON.stringify(data) });
      if (value === null) unscored.set(`${file}: ${group}`, reason ?? "");
      else if (value === Number(valid)) right++;
      else wrong.add(`${file}: ${group}`);
    }
  }
  return { right, wrong, unscored };
}

test.each([
  ["draft7", 991],
  ["draft2020-12", 1275],
] as const)(
  "%s: %d cases as the official suite says, no verdict that it calls wrong, the rest unscored by name",
  async (draft, cases) => {
    const { right, wrong, unscored } = await tried(draft);
    expect([...wrong]).toEqual(OTHERWISE[draft]);
    expect(right).toBe(cases);
    const named = unclaimed.filter((one) => one.draft === draft);
    expect([...unscored.keys()].sort()).toEqual(named.flatMap((one) => one.groups).sort());
    for (const { why, groups: names } of named)
      for (const name of names)
        expect([name, unscored.get(name)]).toEqual([name, expect.stringContaining(why)]);
  },
  60_000,
);
