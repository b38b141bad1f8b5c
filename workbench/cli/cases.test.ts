import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { normaliser, removeFolders, runCase, wordsOf, type Outcome } from "./testing/run-case.ts";

// Each folder of cases/ is one command seen from outside (cases/README.md). WB_UPDATE_CASES=1 writes what
// it prints now into expect/, for a person to read before committing it.
const CASES = join(import.meta.dirname, "cases");
const isUpdate = process.env["WB_UPDATE_CASES"] === "1";
const names = (await readdir(CASES, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"))
  .map(({ name }) => name);

afterAll(removeFolders);

describe.concurrent("a command seen from outside", () => {
  test.each(names)("%s", async (name) => {
    const folder = join(CASES, name);
    const found = await runCase(folder);
    if (isUpdate) await update(folder, found);
    expect(found).toEqual(await expected(folder, found));
  });
});

/** What the case says; every file it expects must be named, and no part may be missing. */
async function expected(folder: string, found: Outcome): Promise<Outcome> {
  const read = (name: string): Promise<string> => readFile(join(folder, "expect", name), "utf8");
  const files: Record<string, string> = {};
  for (const name of Object.keys(found.files)) files[name] = await read(`files/${name}`);
  return { exit: await read("exit"), stdout: await read("stdout"), stderr: await read("stderr"), files };
}

async function update(folder: string, { exit, stdout, stderr, files }: Outcome): Promise<void> {
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, "expect", name)), { recursive: true });
    await writeFile(join(folder, "expect", name), text);
  };
  await write("exit", exit);
  await write("stdout", stdout);
  await write("stderr", stderr);
  for (const [name, text] of Object.entries(files)) if (text !== null) await write(`files/${name}`, text);
}

test("no case expects a bug of ours, a stack or an escape code", async () => {
  for (const name of names) {
    const read = (part: string): Promise<string> => readFile(join(CASES, name, "expect", part), "utf8");
    expect(await read("exit"), name).toMatch(/^[0234567]\n$/);
    for (const part of ["stdout", "stderr"])
      expect(await read(part), `${name}/${part}`).not.toMatch(/\u001b|WB_BUG|\n {4}at /);
    // An error is told on stderr; the result, and nothing else, on stdout.
    if ((await read("stderr")).startsWith("error:")) expect(await read("exit"), name).not.toBe("0\n");
  }
});

test("every exit code that a command can end in is shown by a case", async () => {
  const exits = await Promise.all(names.map((name) => readFile(join(CASES, name, "expect/exit"), "utf8")));
  expect([...new Set(exits.map((text) => text.trim()))].sort()).toEqual(["0", "2", "3", "4", "5", "6", "7"]);
});

test("words are split as a shell would, and only the volatile is replaced", () => {
  expect(wordsOf(`logs --sql "select 1 as 'a b'" --where='x y'`)).toEqual([
    "logs",
    "--sql",
    "select 1 as 'a b'",
    "--where=x y",
  ]);
  const normal = normaliser("/tmp/p");
  expect(normal("/tmp/p/a 0123456789ab 0123456789ab fedcba987654 12 of 40")).toBe(
    "<project>/a <hash1> <hash1> <hash2> 12 of 40",
  );
});
