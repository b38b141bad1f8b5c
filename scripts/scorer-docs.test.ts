import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import * as workbench from "../workbench/index.ts";
import { described, PAGE, scorerDocs } from "./scorer-docs.ts";

test("docs/scorers.md says what the scorers say (node scripts/scorer-docs.ts writes it)", async () => {
  expect(await readFile(PAGE, "utf8")).toBe(await scorerDocs());
});

test("every scorer that a suite may import is in the table, with when, when not and a worked value", async () => {
  const all = await described();
  for (const one of all) for (const part of Object.values(one)) expect(part, one.name).not.toBe("");
  const names = all.map(({ name }) => name);
  for (const name of names) expect(workbench).toHaveProperty(name);
  for (const name of [
    "exact",
    "code",
    "rubric",
    "pairwise",
    "factual",
    "similarity",
    "qeQuality",
    "fromAutoevals",
  ])
    expect(names).toContain(name);
});
