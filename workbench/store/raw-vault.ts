import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import { join } from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { z } from "zod";
import { WorkbenchError } from "../errors/error.ts";
import { canonical } from "../schema/canonical.ts";
import { replaceFile } from "./atomic.ts";
import type { Effects } from "./effects.ts";
import type { Project } from "./paths.ts";

/** A line of an import's `raw.jsonl`: one record as it came, sealed under its person's data key. */
export const SealedRecord = z.looseObject({
  line: z.number().int(),
  /** The associated data: of the record's first row. Moved to another id, it does not open. */
  id: z.string(),
  /** Names the data key, and by a keyed digest nobody. */
  key: z.string().regex(/^[0-9a-f]{32}$/),
  nonce: z.base64(),
  /** AES-256-GCM over the deflated bytes; the last 16 bytes are the tag. */
  sealed: z.base64(),
});
export type SealedRecord = z.infer<typeof SealedRecord>;

const Shard = z.record(z.string(), z.object({ nonce: z.base64(), sealed: z.base64() }));
type Shard = z.infer<typeof Shard>;

/** Seals records for one import. Nothing is on the disk before `save`. */
export interface Vault {
  /** `person` is the user's pseudonym; null for a record that names nobody or cannot be read. */
  readonly seal: (
    record: { readonly line: number; readonly id: string },
    person: string | null,
    bytes: Uint8Array,
  ) => SealedRecord;
  /** Writes the data keys that were made. Before the records themselves, or they could not be opened. */
  readonly save: () => Promise<void>;
}

const keysFolder = (project: Project): string => join(project.private, "raw-keys");

/** Opens the vault for writing, with the data keys of everyone known so far. */
export async function openVault(project: Project, workspace: Uint8Array, effects: Effects): Promise<Vault> {
  const keys = new Map<string, Buffer>();
  const shards = new Map<string, Shard>();
  for (const name of await effects.list(keysFolder(project)))
    if (name.endsWith(".json")) shards.set(name.slice(0, 2), await readShard(project, name, effects));
  const changed = new Set<string>();
  const keyOf = (id: string): Buffer => {
    const wrapped = shards.get(id.slice(0, 2))?.[id];
    const key = keys.get(id) ?? (wrapped ? unwrap(id, wrapped, workspace) : Buffer.from(effects.random(32)));
    if (!wrapped) {
      const shard = shards.get(id.slice(0, 2)) ?? {};
      shards.set(id.slice(0, 2), { ...shard, [id]: wrap(id, key, { workspace, nonce: effects.random(12) }) });
      changed.add(id.slice(0, 2));
    }
    keys.set(id, key);
    return key;
  };
  return {
    seal: (record, person, bytes) => {
      const key = dataKeyId(person, workspace);
      const nonce = effects.random(12);
      const sealed = encrypt(deflateRawSync(bytes), { key: keyOf(key), nonce, about: record.id });
      return { ...record, key, nonce: Buffer.from(nonce).toString("base64"), sealed };
    },
    save: async () => {
      for (const name of [...changed].sort())
        await writeShard(project, name, shards.get(name) ?? {}, effects);
      changed.clear();
    },
  };
}

/** Opens one record. WB_KEY_REFUSED when its data key is destroyed or the workspace key is another. */
export async function openRecord(
  project: Project,
  record: SealedRecord,
  { workspace, effects }: { readonly workspace: Uint8Array; readonly effects: Effects },
): Promise<Buffer> {
  const shard = await readShard(project, `${record.key.slice(0, 2)}.json`, effects);
  const wrapped = shard[record.key];
  if (!wrapped) throw refused(record.id, "its data key was destroyed, so nobody can read it any more");
  const key = unwrap(record.key, wrapped, workspace);
  const nonce = Buffer.from(record.nonce, "base64");
  return inflateRawSync(decrypt(record.sealed, { key, nonce, about: record.id }), {
    maxOutputLength: 1 << 28,
  });
}

/** Destroys a person's data key: what was sealed with it is noise from then on. False when there was none. */
export async function destroyDataKey(
  project: Project,
  { person, workspace }: { readonly person: string; readonly workspace: Uint8Array },
  effects: Effects,
): Promise<boolean> {
  const id = dataKeyId(person, workspace);
  const { [id]: gone, ...rest } = await readShard(project, `${id.slice(0, 2)}.json`, effects);
  if (!gone) return false;
  await writeShard(project, id.slice(0, 2), rest, effects);
  return true;
}

/** The same person under the same workspace key has one data key; its id tells nobody who. */
export function dataKeyId(person: string | null, workspace: Uint8Array): string {
  return createHmac("sha256", workspace)
    .update(`raw data key\0${person ?? ""}`)
    .digest("hex")
    .slice(0, 32);
}

async function readShard(project: Project, name: string, effects: Effects): Promise<Shard> {
  const path = join(keysFolder(project), name);
  if (!(await effects.stat(path))) return {};
  return Shard.parse(JSON.parse(Buffer.from(await effects.read(path)).toString("utf8")));
}

async function writeShard(project: Project, name: string, shard: Shard, effects: Effects): Promise<void> {
  await replaceFile(join(keysFolder(project), `${name}.json`), `${canonical(shard)}\n`, effects);
}

interface Sealing {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly about: string;
}

function encrypt(bytes: Uint8Array, { key, nonce, about }: Sealing): string {
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about));
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]).toString("base64");
}

function decrypt(sealed: string, { key, nonce, about }: Sealing): Buffer {
  const bytes = Buffer.from(sealed, "base64");
  const cipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about));
  cipher.setAuthTag(bytes.subarray(-16));
  try {
    return Buffer.concat([cipher.update(bytes.subarray(0, -16)), cipher.final()]);
  } catch {
    throw refused(about, "it does not open: another workspace key, another id, or changed bytes");
  }
}

/** A key of its own is drawn from the workspace key, so that pseudonyms and wrapping never share one. */
const wrappingKey = (workspace: Uint8Array): Buffer =>
  Buffer.from(hkdfSync("sha256", workspace, "", "workbench raw vault", 32));

function wrap(
  id: string,
  key: Uint8Array,
  { workspace, nonce }: { readonly workspace: Uint8Array; readonly nonce: Uint8Array },
): Shard[string] {
  const sealed = encrypt(key, { key: wrappingKey(workspace), nonce, about: id });
  return { nonce: Buffer.from(nonce).toString("base64"), sealed };
}

function unwrap(id: string, { nonce, sealed }: Shard[string], workspace: Uint8Array): Buffer {
  return decrypt(sealed, { key: wrappingKey(workspace), nonce: Buffer.from(nonce, "base64"), about: id });
}

function refused(where: string, why: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_KEY_REFUSED",
    where,
    what: "this raw record cannot be read",
    why,
    fix: "use the key that it was ingested with; an erased record stays erased",
  });
}
