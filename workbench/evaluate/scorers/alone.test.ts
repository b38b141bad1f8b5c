import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { tempProject } from "../testing/project.ts";

const PAGE = resolve(import.meta.dirname, "../../../docs/scorers.md");

// The lines of the page that end in a value, as a module that lists what they gave and what they should.
test("every scorer of the page works alone, as it stands there", async () => {
  const page = await readFile(PAGE, "utf8");
  const block = /```ts\n([\s\S]*?)```/.exec(page.slice(page.indexOf("## Each alone")))?.[1] ?? "";
  const listed = block.replaceAll(
    /^await ([\s\S]*?); \/\/ ([\d.]+)$/gm,
    (_, call: string, value: string) =>
      `given.push([${JSON.stringify(call)}, (await ${call}).value, ${value}]);`,
  );
  const project = await tempProject();
  const path = join(project.root, "alone.ts");
  await writeFile(path, `export const given: unknown[][] = [];\n${listed}`);
  const { given } = (await import(pathToFileURL(path).href)) as { given: [string, number | null, number][] };
  expect(given).toHaveLength(block.match(/^await /gm)?.length ?? NaN);
  expect(given.length).toBeGreaterThan(20);
  for (const [call, value, expected] of given) {
    // Without bwrap code is unscored, as it should be: CI must have it.
    const isBoxless = call.startsWith("code(") && value === null && process.env["WB_REQUIRE_ALL"] !== "1";
    if (!isBoxless) expect([call, value]).toEqual([call, expect.closeTo(expected, 9)]);
  }
});
