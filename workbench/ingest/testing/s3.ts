import { createRequire } from "node:module";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

// The package has no types of its own.
const S3rver = createRequire(import.meta.url)("s3rver") as new (options: object) => {
  readonly run: () => Promise<AddressInfo>;
  readonly close: () => Promise<void>;
};

/** An object store of its own, with one bucket. Its credentials are in the environment while it runs. */
export interface TestS3 {
  readonly endpoint: string;
  readonly put: (key: string, body: string | Uint8Array) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const S3_CREDENTIALS = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" };

export async function testS3(bucket: string): Promise<TestS3> {
  const directory = await mkdtemp(join(tmpdir(), "wb-s3-"));
  const server = new S3rver({ port: 0, address: "127.0.0.1", silent: true, directory });
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  Object.assign(process.env, S3_CREDENTIALS);
  const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    endpoint,
    put: async (key, body) => {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
    stop: async () => {
      client.destroy();
      await server.close();
      for (const name of Object.keys(S3_CREDENTIALS)) Reflect.deleteProperty(process.env, name);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
