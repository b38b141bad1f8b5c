import { z } from "zod";

/** A table or query of a PostgreSQL server. The password is named by its environment variable, never written down. */
export const PostgresSource = z.strictObject({
  kind: z.literal("postgres"),
  /** `postgres://user@host:5432/database?sslmode=verify-full&sslrootcert=ca.pem`, without a password. */
  url: z.string(),
  /** `name` or `schema.name`. */
  table: z.string().optional(),
  /** Path of a file with one SELECT. */
  query: z.string().optional(),
  passwordEnv: z.string().default("PGPASSWORD"),
});
export type PostgresSource = z.infer<typeof PostgresSource>;

/** Objects of an S3-compatible store. Credentials come from where AWS's tools look for them. */
export const S3Source = z.strictObject({
  kind: z.literal("s3"),
  /** `s3://bucket/key`, `s3://bucket/prefix/` or with a pattern: `s3://bucket/logs/**\/*.jsonl.gz`. */
  url: z.string(),
  endpoint: z.url().optional(),
  region: z.string().optional(),
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  pathStyle: z.boolean().optional(),
});
export type S3Source = z.infer<typeof S3Source>;

/** Where a named source's records come from, and the mapping file that reads them. */
export const SourceOrigin = z.discriminatedUnion("kind", [
  PostgresSource.extend({ map: z.string().optional() }),
  S3Source.extend({ map: z.string().optional() }),
]);
export type SourceOrigin = z.infer<typeof SourceOrigin>;
