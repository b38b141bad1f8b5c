import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { lines, many, testProject } from "./testing/project.ts";

/** What a user is told who names a file with these bytes. */
async function told(bytes: string | Buffer, format?: string): Promise<string> {
  const at = await testProject();
  const path = await at.write("named.log", bytes);
  const read = at.ingest(path, format === undefined ? {} : { format });
  return read.then(
    ({ sources }) => sources[0]?.outcome ?? "",
    (error: unknown) => (error as Error).message,
  );
}

const text = lines(many(3));

test.each([
  ["a ZIP archive", Buffer.from("504b03041400", "hex"), "this is a ZIP archive"],
  ["UTF-16 with a mark", Buffer.from(`\ufeff${text}`, "utf16le"), "this is UTF-16 text"],
  ["UTF-16 without one", Buffer.from(text, "utf16le"), "this is UTF-16 text"],
  ["a picture", Buffer.from("89504e470d0a1a0a0000000d", "hex"), "this is not text"],
  [
    "an object over several lines",
    JSON.stringify({ a: { b: 1 } }, null, 2),
    "one JSON object over several lines",
  ],
  ["words", "hello\nworld\n", "no JSON object in its first megabyte"],
  ["a packed archive", gzipSync(Buffer.from("504b03041400", "hex")), "this is a ZIP archive"],
])("%s is named, not guessed at", async (_, bytes, what) => {
  expect(await told(bytes)).toContain(what);
});

test.each([
  ["nothing", ""],
  ["a byte order mark", "\ufeff"],
  ["blank lines", "\ufeff\r\n \n"],
])("%s is an empty source", async (_, bytes) => {
  expect(await told(bytes)).toBe("empty");
});

test.each([
  ["an array of one", JSON.stringify(many(1))],
  ["an array over several lines", JSON.stringify(many(2), null, 2)],
  ["lines ended as Windows ends them", text.replaceAll("\n", "\r\n")],
  ["two gzip members", Buffer.concat([gzipSync(text), gzipSync(lines(many(5)))])],
])("%s is read", async (_, bytes) => {
  expect(await told(bytes)).toBe("imported");
});

test("a source that cannot be read does not keep the others from being read", async () => {
  const at = await testProject();
  const names = [
    await at.write("1.jsonl", text),
    await at.write("2.zip", Buffer.from("504b03041400", "hex")),
    await at.write("3.jsonl", lines([...many(5)].reverse())),
  ];
  const { sources, totals } = await at.ingest(names, { readOn: true });
  expect(sources.map(({ outcome }) => outcome)).toEqual(["imported", "refused", "imported"]);
  expect(sources[1]?.refused).toMatchObject({ code: "WB_FORMAT_UNKNOWN", what: "this is a ZIP archive" });
  expect(totals).toMatchObject({ read: 8, stored: 5, known: 3 });
  await expect(at.ingest(names)).rejects.toMatchObject({ code: "WB_FORMAT_UNKNOWN" });
});

test("a format that no record has is refused where another one would be taken", async () => {
  expect(await told(text, "langfuse")).toContain("none of 3 sampled records is langfuse");
  expect(await told("hello\n", "langfuse")).toBe("imported");
});
