import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { cliDocs, PAGE } from "./cli-docs.ts";

test("docs/cli.md says what the commands say (node scripts/cli-docs.ts writes it)", async () => {
  expect(await readFile(PAGE, "utf8")).toBe(await cliDocs());
});
