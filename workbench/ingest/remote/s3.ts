import { join, matchesGlob } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import type { S3Source } from "../../schema/remote-source.ts";
import type { Effects } from "../../store/effects.ts";
import { parquetLines } from "../parquet-lines.ts";
import { RECORD_FILE } from "../source.ts";
import type { Source } from "../source.ts";

interface Stored {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
}

export const isS3Url = (name: string): boolean => /^s3:\/\//i.test(name);

/**
 * The objects behind `s3://bucket/key`, `s3://bucket/prefix/` or a pattern, in the order of their
 * keys. `temporary` is a private folder: a Parquet object is kept there while it is read.
 */
export async function s3Sources(
  settings: S3Source,
  temporary: string,
  effects: Effects,
): Promise<readonly Source[]> {
  const { bucket, key } = placeOf(settings.url);
  const client = await clientOf(settings);
  const glob = key.search(/[*?[\]{}]/);
  const prefix = glob === -1 ? key : key.slice(0, glob);
  const stored = await listed(client, bucket, prefix);
  const folder = key === "" || key.endsWith("/") ? key : `${key}/`;
  const wanted = stored.filter((object) =>
    glob === -1
      ? object.key === key || (object.key.startsWith(folder) && RECORD_FILE.test(object.key))
      : matchesGlob(object.key, key),
  );
  if (wanted.length === 0) throw nothingThere(settings.url);
  return wanted.map((object) => sourceOf(client, { bucket, object, temporary, effects }));
}

function placeOf(url: string): { readonly bucket: string; readonly key: string } {
  const [, bucket, key = ""] = /^s3:\/\/([^/]+)(?:\/(.*))?$/is.exec(url) ?? [];
  if (bucket !== undefined) return { bucket, key };
  throw new WorkbenchError({
    code: "WB_SOURCE_INVALID",
    where: url,
    what: "an address of an object store is s3://bucket/key",
    fix: "name the bucket",
  });
}

/** What is not set here, the SDK takes from AWS_REGION, AWS_ENDPOINT_URL_S3, profiles, roles. */
async function clientOf({ endpoint, region, pathStyle }: S3Source): Promise<S3Client> {
  const { S3Client } = await import("@aws-sdk/client-s3"); // 100 ms that only those who need it pay
  return new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(pathStyle === undefined ? {} : { forcePathStyle: pathStyle }),
  });
}

async function listed(client: S3Client, bucket: string, prefix: string): Promise<readonly Stored[]> {
  const { paginateListObjectsV2 } = await import("@aws-sdk/client-s3");
  const stored: Stored[] = [];
  try {
    for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }))
      for (const { Key: key, Size: bytes = 0, ETag: etag = "" } of page.Contents ?? [])
        if (key !== undefined && !key.endsWith("/")) stored.push({ key, bytes, etag });
  } catch (error) {
    throw failure(error, `s3://${bucket}/${prefix}`);
  }
  return stored.sort((a, b) => (a.key < b.key ? -1 : 1));
}

interface Placed {
  readonly bucket: string;
  readonly object: Stored;
  readonly temporary: string;
  readonly effects: Effects;
}

function sourceOf(client: S3Client, placed: Placed): Source {
  const { bucket, object } = placed;
  const name = object.key.split("/").at(-1) ?? object.key;
  const isParquet = name.toLowerCase().endsWith(".parquet");
  return {
    path: null,
    shown: `s3://${bucket}/${object.key}`,
    name,
    tag: `s3 ${object.etag} ${object.bytes}`,
    stream: () => (isParquet ? parquetObject(client, placed) : objectBytes(client, placed)),
  };
}

/** The bytes of one object, as listed: an object that was replaced meanwhile is an error, not a mixture. */
async function* objectBytes(client: S3Client, { bucket, object }: Placed): AsyncGenerator<Uint8Array> {
  const { GetObjectCommand } = await import("@aws-sdk/client-s3");
  let bytes = 0;
  try {
    const reply = await client.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: object.key,
        ...(object.etag === "" ? {} : { IfMatch: object.etag }),
      }),
    );
    for await (const chunk of reply.Body as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      yield chunk;
    }
    if (bytes !== object.bytes) throw new Error(`${bytes} of ${object.bytes} bytes came`);
  } catch (error) {
    throw failure(error, `s3://${bucket}/${object.key}`);
  }
}

/** Parquet is read from its end: the object is laid down, read, and removed again. */
async function* parquetObject(client: S3Client, placed: Placed): AsyncGenerator<Uint8Array> {
  const { temporary, effects } = placed;
  await effects.mkdir(temporary);
  const path = join(temporary, `${Buffer.from(effects.random(8)).toString("hex")}.parquet`);
  try {
    await effects.write(path, "", { mode: 0o600 });
    for await (const chunk of objectBytes(client, placed)) await effects.append(path, chunk);
    yield* parquetLines(path, effects);
  } finally {
    await effects.remove(path);
  }
}

function nothingThere(url: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_FILE_MISSING",
    where: url,
    what: "there is no object to ingest",
    why: "below a prefix, keys ending as log files do are taken (.jsonl, .csv, .parquet, …); a pattern takes any",
    fix: `check the key with: aws s3 ls ${quoted(url)}`,
  });
}

/** What the store said, without what was sent: requests carry signatures. */
function failure(error: unknown, where: string): unknown {
  if (error instanceof WorkbenchError || !(error instanceof Error)) return error;
  const { $metadata, name, message } = error as Error & { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  const isLogin = status === 401 || status === 403 || name === "CredentialsProviderError";
  if (isLogin)
    return new WorkbenchError({
      code: "WB_KEY_REFUSED",
      where,
      what: "the object store refuses the credentials, or there are none",
      why: `${name}: ${message}`,
      fix: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, as for the aws command",
    });
  return new WorkbenchError({
    code: status !== undefined && status < 500 ? "WB_SOURCE_INVALID" : "WB_ENDPOINT_DOWN",
    where,
    what: "the object store does not give this",
    why: `${name}: ${message}`,
    fix: "check bucket, key, --s3-region and --s3-endpoint; nothing of this object was kept, run the same command again",
  });
}
