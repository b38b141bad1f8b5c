import { z } from "zod";
import { Name } from "./names.ts";

const Alias = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "an alias of ~/.ssh/config: a-z, 0-9, dot, _ and -");
/** A folder on the host, below the home folder or absolute; it never meets a shell. */
const Folder = z
  .string()
  .regex(
    /^\/?[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/,
    "a plain folder path without ..",
  );

const Price = {
  usdPerHour: z.number().positive().optional(),
  /** The day the price was read; without it a price is not believed. */
  priceDate: z.iso.date().optional(),
};
const Gpus = z.strictObject({
  count: z.number().int().positive().default(1),
  model: z.string().max(60).optional(),
  memGiB: z.number().positive().optional(),
});
const Speed = {
  /** Measured bf16 (GPU) or fp32 (CPU) matmul rate of the whole host, TFLOP per second. */
  tflops: z.number().positive().optional(),
};

export const LocalHost = z.strictObject({
  kind: z.literal("local"),
  threads: z.number().int().positive().max(256).default(1),
  gpus: Gpus.optional(),
  ...Speed,
  ...Price,
});
export type LocalHost = z.infer<typeof LocalHost>;

export const SshHost = z.strictObject({
  kind: z.literal("ssh"),
  alias: Alias,
  dir: Folder.default("workbench-runs"),
  /** The interpreter there: Python 3.11 or later with the packages of the trainer. */
  python: z
    .strictObject({ mode: z.literal("host").default("host"), command: Folder.default("python3") })
    .prefault({}),
  threads: z.number().int().positive().max(256).default(1),
  gpus: Gpus.optional(),
  ...Speed,
  ...Price,
});
export type SshHost = z.infer<typeof SshHost>;

/** Kinds that the file format knows and this version cannot run on: naming one is a hard error. */
export const PLANNED_KINDS = ["slurm", "skypilot", "kubernetes", "tinker", "openai-compatible"] as const;

export const HostEntry = z.discriminatedUnion("kind", [LocalHost, SshHost]);
export type HostEntry = z.infer<typeof HostEntry>;

/** `recipes/hosts.yaml`: where a recipe can be trained. No credential is ever written here. */
export const Hosts = z.strictObject({
  schema: z.literal("workbench/hosts@1"),
  hosts: z.record(Name, HostEntry),
});
export type Hosts = z.infer<typeof Hosts>;
