import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openCatalog } from "../catalog/catalog.ts";
import { readRaw } from "../catalog/raw-record.ts";
import { RAW_FILE, importFolder, listImports } from "../catalog/segments.ts";
import { realEffects } from "../store/effects.ts";
import { SealedRecord, destroyDataKey, openRecord } from "../store/raw-vault.ts";
import { userKey } from "../redact/pseudonym.ts";
import { KEY, chatRecord, lines, testProject } from "./testing/project.ts";

const TEXT = "my card is 4111 1111 1111 1111, call ann@example.org";

test("raw records open with the key, byte for byte, and nothing unsealed is on the disk", async () => {
  const at = await testProject();
  const log = lines([chatRecord("a", TEXT), chatRecord("b", "plain")]) + "broken ann@example.org\n";
  await at.ingest(await at.write("a.jsonl", log), { keepRaw: true });
  const catalog = await openCatalog(at.project);
  const raw = async (source: string, workspace = KEY): Promise<string> => {
    const row = (await at.rows()).find(({ source_id }) => source_id === source);
    const request = { project: at.project, catalog, interaction: row?.interaction_id ?? "", workspace };
    return (await readRaw(request, realEffects)).toString("utf8");
  };
  expect(await raw("a")).toBe(log.split("\n")[0]);
  await expect(raw("a", Buffer.alloc(32, 9))).rejects.toMatchObject({ code: "WB_KEY_REFUSED" });
  const [manifest] = await listImports(at.project);
  const sealed = await readFile(join(importFolder(at.project, manifest?.id ?? ""), RAW_FILE), "utf8");
  expect(sealed.trim().split("\n")).toHaveLength(3); // the broken one too
  expect(sealed).not.toMatch(/4111|example|user-a|[0-9a-f]{64}/);

  const person = userKey("user-a", KEY) ?? "";
  expect(await destroyDataKey(at.project, { person, workspace: KEY }, realEffects)).toBe(true);
  await expect(raw("a")).rejects.toMatchObject({ code: "WB_KEY_REFUSED", why: expect.stringContaining("destroyed") as string });
  expect(await raw("b")).toContain("plain");
  catalog.close();
}); // prettier-ignore

test("a sealed record opens under its own id only, each nonce is used once, and a changed byte is refused", async () => {
  const at = await testProject();
  const many = Array.from({ length: 40 }, () => chatRecord("same", "the same text"));
  await at.ingest(await at.write("a.jsonl", lines(many.map((record, n) => ({ ...record, n })))), { keepRaw: true });
  const [manifest] = await listImports(at.project);
  const text = await readFile(join(importFolder(at.project, manifest?.id ?? ""), RAW_FILE), "utf8");
  const records = text.trim().split("\n").map((line) => SealedRecord.parse(JSON.parse(line)));
  expect(new Set(records.map(({ nonce }) => nonce)).size).toBe(40);
  expect(new Set(records.map(({ key }) => key)).size).toBe(1);
  const [first] = records;
  if (!first) throw new Error("no record");
  const open = (record: SealedRecord): Promise<Buffer> => openRecord(at.project, record, { workspace: KEY, effects: realEffects });
  expect((await open(first)).toString()).toContain("the same text");
  const bytes = Buffer.from(first.sealed, "base64");
  bytes[3] = (bytes[3] ?? 0) ^ 1;
  for (const changed of [{ ...first, id: "another" }, { ...first, sealed: bytes.toString("base64") }])
    await expect(open(changed)).rejects.toMatchObject({ code: "WB_KEY_REFUSED" });
}); // prettier-ignore

test("without --keep-raw nothing is sealed", async () => {
  const at = await testProject();
  await at.ingest(await at.write("a.jsonl", lines([chatRecord("a")])));
  expect((await at.digests()).join("\n")).not.toContain(RAW_FILE);
});
