import { z } from "zod";
import { Digest, Instant, Name } from "./names.ts";

/** A question whose answer is known: asked of what was just deployed. Not the base's answer, or it proves nothing. */
const Golden = z.strictObject({ prompt: z.string().min(1), expect: z.string().min(1) });

const timeoutSeconds = z.number().positive().max(3600).default(120);

/** One call to an OpenAI-compatible name, which must be answered by the expected model. */
const NameProbe = z.strictObject({
  url: z.url(),
  keyEnv: z.string().optional(),
  /** The name that clients use. */
  model: z.string().min(1),
  /** The `model` that the reply must report; `{version}` and `{model}` are filled in. */
  expect: z.string().min(1),
  golden: Golden.optional(),
});
export type NameProbe = z.infer<typeof NameProbe>;

/** Where production is served, and how a new version gets there. */
export const DeployTarget = z.discriminatedUnion("kind", [
  z.strictObject({
    name: Name,
    kind: z.literal("ollama"),
    url: z.url(),
    keyEnv: z.string().optional(),
    /** The name that clients ask for; versions stand beside it as `<model>:v1.2.1`. */
    model: z.string().regex(/^[a-z0-9][a-z0-9._/-]*$/i, "a model name without a tag"),
    /** The registered artifact, by its path. */
    artifact: z.string().min(1),
    /** Set for an adapter: the model on that server that it goes on. */
    base: z.string().min(1).optional(),
    golden: Golden,
    timeoutSeconds,
  }),
  z.strictObject({
    name: Name,
    kind: z.literal("vllm"),
    url: z.url(),
    keyEnv: z.string().optional(),
    /** Adapters are loaded as `<model>-<version>`: a reused name may keep old weights. */
    model: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i, "a model name"),
    /** Where the server finds the adapter's folder; `{version}`, `{run}` and `{weights}` are filled in. */
    adapterPath: z.string().min(1),
    base: z.string().min(1),
    canary: Golden,
    /** Seconds that requests in flight are given before an adapter is unloaded. */
    drainSeconds: z.number().nonnegative().max(3600).default(30),
    timeoutSeconds,
  }),
  z.strictObject({
    name: Name,
    kind: z.literal("values-file"),
    /** Inside the project, or inside `repository`. */
    file: z.string().min(1),
    /** A folder that is a git work tree; default the project's own. */
    repository: z.string().optional(),
    /** Dotted keys that are there already, and what they become: `{version}`, `{model}`, `{run}`, `{weights}`. */
    set: z
      .record(z.string(), z.string())
      .refine((set) => Object.keys(set).length > 0, "set one key at least"),
    commit: z.boolean().default(false),
    push: z.boolean().default(false),
    probe: NameProbe.optional(),
    timeoutSeconds,
  }),
  z.strictObject({
    name: Name,
    kind: z.literal("webhook"),
    url: z.url(),
    /** Names the environment variable that holds the shared secret. */
    secretEnv: z.string().min(1),
    probe: NameProbe.optional(),
    timeoutSeconds,
  }),
]);
export type DeployTarget = z.infer<typeof DeployTarget>;
export type TargetOf<Kind extends DeployTarget["kind"]> = Extract<DeployTarget, { kind: Kind }>;

/** What a target is told of a version. */
export const Deployed = z.object({
  model: z.string(),
  version: z.string(),
  run: z.string(),
  weights: Digest,
});
export type Deployed = z.infer<typeof Deployed>;

/** `runs/registry/deploys/<id>.json`: what was there before, written before anything is touched. */
export const DeployRecord = z.looseObject({
  schema: z.literal("workbench/deploy@1"),
  id: z.string(),
  target: z.string(),
  kind: z.string(),
  version: z.string(),
  at: Instant,
  prior: z.unknown(),
  steps: z.array(z.string()),
});
export type DeployRecord = z.infer<typeof DeployRecord>;
