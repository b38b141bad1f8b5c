import { z } from "zod";
import { Name } from "./names.ts";

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

/** Kinds that the file format knows and this version cannot run on: naming one is a hard error. */
export const PLANNED_KINDS = [
  "ssh",
  "slurm",
  "skypilot",
  "kubernetes",
  "tinker",
  "openai-compatible",
] as const;

export const HostEntry = z.discriminatedUnion("kind", [LocalHost]);
export type HostEntry = z.infer<typeof HostEntry>;

/** `recipes/hosts.yaml`: where a recipe can be trained. No credential is ever written here. */
export const Hosts = z.strictObject({
  schema: z.literal("workbench/hosts@1"),
  hosts: z.record(Name, HostEntry),
});
export type Hosts = z.infer<typeof Hosts>;
