import { appendFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openJournal, readJournal } from "./journal.ts";

const path = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), "wb-journal-")), "events.jsonl");
const event = (key: string): { kind: string; key: string; data: { key: string } } => ({
  kind: "step",
  key,
  data: { key },
});

test("lines are numbered, whole and in order however many are appended at once", async () => {
  const file = await path();
  const journal = await openJournal(file);
  await Promise.all(Array.from({ length: 500 }, (_, i) => journal.append(event(`k${i}`))));
  const { lines } = await readJournal(file);
  expect(lines.map(({ seq, key }) => [seq, key])).toEqual(
    Array.from({ length: 500 }, (_, i) => [i, `k${i}`]),
  );
});

test("a repeated key is a no-op, also after reopening", async () => {
  const file = await path();
  const first = await openJournal(file);
  await first.append(event("a"));
  await first.append(event("a"));
  const again = await openJournal(file);
  await again.append(event("a"));
  await again.append(event("b"));
  expect((await readJournal(file)).lines.map(({ key }) => key)).toEqual(["a", "b"]);
});

test("every torn last line is cut and the journal goes on from there", async () => {
  const file = await path();
  const journal = await openJournal(file);
  await journal.append(event("a"));
  await journal.append(event("b"));
  const whole = await readFile(file);
  const first = whole.indexOf(10) + 1;
  for (let length = first + 1; length < whole.length; length += 7) {
    await writeFile(file, whole.subarray(0, length));
    const reopened = await openJournal(file);
    expect(reopened.content.tornBytes).toBe(length - first);
    await reopened.append(event("c"));
    expect((await readJournal(file)).lines.map(({ key }) => key)).toEqual(["a", "c"]);
  }
});

test("a damaged middle line and a missing line are integrity failures that name the line", async () => {
  const file = await path();
  const journal = await openJournal(file);
  for (const key of ["a", "b", "c"]) await journal.append(event(key));
  const lines = (await readFile(file, "utf8")).split("\n");
  await writeFile(file, [lines[0], "{torn", lines[2], ""].join("\n"));
  await expect(readJournal(file)).rejects.toMatchObject({ exitCode: 6, where: `${file}:2` });
  await writeFile(file, [lines[0], lines[2], ""].join("\n"));
  await expect(readJournal(file)).rejects.toMatchObject({ exitCode: 6, where: `${file}:2` });
});

test("a failing disk rejects the append, and what was there stays readable", async () => {
  const file = await path();
  await (await openJournal(file)).append(event("a"));
  const { realEffects } = await import("./effects.ts");
  const full = {
    ...realEffects,
    append: () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })),
  };
  const journal = await openJournal(file, full);
  await expect(journal.append(event("b"))).rejects.toMatchObject({ code: "ENOSPC" });
  await appendFile(file, "");
  expect((await readJournal(file)).lines).toHaveLength(1);
});
