import { z } from "zod";

/** Names people choose: datasets, recipes, policies, suites, hosts. Never a path, never an option. */
export const Name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "a name is a-z, 0-9 and -, at most 63 long");

/** SHA-256 in hex. */
export const Digest = z.string().regex(/^[0-9a-f]{64}$/, "a digest is 64 hex digits");

/** The short form of a digest that folders are named by. */
export const ShortId = z.string().regex(/^[0-9a-f]{12}(-r[1-9][0-9]{0,3})?$/, "an id is 12 hex digits");

/** UTC with milliseconds, as Date#toISOString writes it. */
export const Instant = z.iso.datetime({ offset: true });

/** A JSON value of unknown shape, kept as it is. */
export const Json: z.ZodType = z.unknown();

/** A file as a manifest names it: relative path, digest and size. */
export const FileRef = z.looseObject({
  path: z.string(),
  sha256: Digest,
  bytes: z.number().int().nonnegative(),
});
export type FileRef = z.infer<typeof FileRef>;
