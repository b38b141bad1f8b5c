import { z } from "zod";
import { Budgets } from "./budgets.ts";
import { DeployTarget } from "./deploy.ts";
import { Name } from "./names.ts";
import { SourceOrigin } from "./remote-source.ts";

/** Where models answer. A key is named by its environment variable and goes only to this origin. */
export const Endpoint = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("openai"), url: z.url(), keyEnv: z.string().optional() }),
  z.strictObject({ kind: z.literal("ollama"), url: z.url(), keyEnv: z.string().optional() }),
  /** The project's own server, started for as long as a command needs it. */
  z.strictObject({ kind: z.literal("local"), protocol: z.enum(["openai", "ollama"]).default("openai") }),
]);
export type Endpoint = z.infer<typeof Endpoint>;

export const ModelRef = z.strictObject({
  endpoint: Name,
  /** The name the endpoint knows it by. On a local endpoint: `base` or `base@<run id or recipe>`. */
  model: z.string().min(1),
  /** `provider/model` in the price tables; absent means cost is not measured. */
  price: z.string().optional(),
  /** Calls in flight, as an arm or as a judge; absent means found out. */
  concurrency: z.number().int().positive().max(2048).optional(),
});
export type ModelRef = z.infer<typeof ModelRef>;

export const Privacy = z.strictObject({
  redact: z.boolean().default(true),
  /** Words that are always replaced: names, customer ids. One file a list, one entry a line. */
  names: z.array(z.string()).default([]),
  addresses: z.array(z.string()).default([]),
  customerIds: z.array(z.string()).default([]),
  /** What a value becomes: `[EMAIL:k3fxqa7m2x]`, or a documentation value that reads like the real one. */
  style: z.enum(["token", "surrogate"]).default("token"),
  scope: z.enum(["workspace", "conversation"]).default("workspace"),
  /** Entities that are left in place, for instance `ip`. */
  allow: z.array(z.string()).default([]),
  keyEnv: z.string().default("WORKBENCH_KEY"),
});
export type Privacy = z.infer<typeof Privacy>;

/** `workbench.config.yaml`: what a project's commands share. It is code you run (SECURITY.md). */
export const Config = z.strictObject({
  schema: z.literal("workbench/config@1"),
  project: Name,
  endpoints: z.record(Name, Endpoint).default({}),
  models: z.record(z.string().regex(/^[a-z0-9][a-z0-9._/@-]{0,62}$/), ModelRef).default({}),
  /** Price tables, later files override earlier ones. */
  prices: z.array(z.string()).default([]),
  privacy: Privacy.prefault({}),
  /** By the label a source is ingested under: what it overrides of `privacy`, and where `ingest <label>` finds it. */
  sources: z.record(z.string(), Privacy.partial().extend({ from: SourceOrigin.optional() })).default({}),
  registry: z
    .strictObject({
      epoch: z.iso.date().default("2026-01-05"),
      /** Ed25519 keys as PEM: the private one's file is named by this variable, the public one's path stands here. */
      signingKeyEnv: z.string().optional(),
      publicKey: z.string().optional(),
    })
    .prefault({}),
  budgets: Budgets.prefault({}),
  /** Where production is served; `workbench promote` brings a version to each, in this order. */
  deploy: z
    .array(DeployTarget)
    .default([])
    .refine((targets) => new Set(targets.map(({ name }) => name)).size === targets.length, {
      message: "two targets have one name",
    }),
});
export type Config = z.infer<typeof Config>;
