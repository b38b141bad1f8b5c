import type { Method, Preset, Recipe } from "../schema/recipe.ts";

/** Flat settings, `optim.lr` → value: the form in which a lock spells everything out. */
export type Effective = Readonly<Record<string, unknown>>;

/** What a recipe gets that is not written in it, before any preset. Sources: design of `train`, §2. */
function defaults(method: Method, isFull: boolean): Effective {
  const isDpo = method === "dpo";
  const isSft = method === "sft" || method === "distill";
  return {
    "base.dtype": "bf16",
    "base.attention": "sdpa",
    "data.train": "train",
    "data.eval": "val",
    "data.template": "base",
    "data.lossOn": "assistant",
    "data.overlength": "error",
    "adapter.type": "lora",
    "adapter.r": isFull ? null : 16,
    "adapter.alpha": isFull ? null : 32,
    // DPO compares with its own start: dropout would make even step 0 differ from it.
    "adapter.dropout": isFull ? null : isDpo ? 0 : 0.05,
    "adapter.targets": "attention",
    "adapter.quant": "none",
    "optim.lr": isSft ? (isFull ? 2e-5 : 2e-4) : isDpo ? (isFull ? 5e-7 : 5e-6) : 1e-5,
    "optim.epochs": isSft ? 3 : 1,
    "optim.batch": 4,
    "optim.gradAccum": 4,
    "optim.schedule": "cosine",
    "optim.weightDecay": 0.01,
    "optim.clip": 1,
    "length.max": 2048,
    "length.maxPrompt": 1024,
    "length.packing": true,
    "run.seed": 42,
    "run.deterministic": "auto",
    "run.engine": "own",
    "run.experimental": false,
    "run.saveEverySteps": 200,
    "run.keep": 2,
    "run.evalEverySteps": 100,
    "run.sampleEverySteps": 100,
    "run.samplePrompts": 8,
    "run.budget.usd": null,
    "run.budget.hours": null,
    "export.merge": "bf16",
    "export.gguf": ["q8_0"],
    "export.ollama": null,
    "export.vllmAdapter": false,
    "export.parity.tokenIds": "exact",
    "export.parity.greedyMatch": 0.98,
    ...BLOCK_DEFAULTS[method],
  };
}

const ONLINE = { group: 8, klBeta: 0.04, clip: 0.2, reward: "trajectory" };
const prefixed = (name: string, values: Effective): Effective =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${name}.${key}`, value]));

const BLOCK_DEFAULTS: Readonly<Record<Method, Effective>> = {
  sft: {},
  dpo: { "dpo.beta": 0.1, "dpo.reference": "start", "dpo.nllAnchor": 0.2 },
  reward: { "reward.loss": "bradley-terry", "reward.margin": "none", "reward.centre": 0.01 },
  distill: { "distill.mode": "sequence", "distill.alpha": 0.5, "distill.temperature": 2, "distill.topK": 64 },
  grpo: prefixed("grpo", ONLINE),
  ppo: prefixed("ppo", ONLINE),
};

/** Where the four source designs differ from the defaults. */
function presetValues(preset: Preset, method: Method): Effective {
  switch (preset) {
    case "none":
      return {};
    case "unified":
      return { "adapter.r": 8 };
    case "aqe":
      return { "adapter.targets": "all-linear" };
    case "freya":
      return { "adapter.targets": "all-linear", ...(method === "sft" ? { "optim.lr": 1e-4 } : {}) };
    case "bruno":
      return {
        "optim.warmup": { steps: 100 },
        ...(method === "dpo" ? { "adapter.dropout": 0.05, "optim.lr": 5e-7, "dpo.nllAnchor": 0 } : {}),
      };
  }
}

/**
 * Every value of a recipe, flat: written ones over the preset's over the defaults. `optim.warmup` is
 * still `{steps}` or `{ratio}` or absent: it becomes `optim.warmupSteps` once the rows are counted.
 *
 * Worked value: a DPO recipe that writes nothing has `optim.lr` 5e-6 and `adapter.dropout` 0.
 */
export function effectiveOf(recipe: Recipe): Effective {
  const isFull = recipe.adapter.type === "full";
  const preset = presetValues(recipe.preset, recipe.method);
  const shaped = isFull
    ? Object.fromEntries(Object.entries(preset).filter(([key]) => !key.startsWith("adapter.")))
    : preset;
  return { ...defaults(recipe.method, isFull), ...earlyStopOf(recipe), ...shaped, ...written(recipe) };
}

function earlyStopOf(recipe: Recipe): Effective {
  if (recipe.run.earlyStop === null) return {};
  return { "run.earlyStop.metric": "evalLoss", "run.earlyStop.patience": 3, "run.earlyStop.minDelta": 0 };
}

/** What the file itself says, flattened; lists and the warm-up stay whole. */
function written(recipe: Recipe): Effective {
  const { schema: _schema, ...values } = recipe;
  return Object.fromEntries(flatten(values, ""));
}

function flatten(value: object, prefix: string): (readonly [string, unknown])[] {
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    const name = `${prefix}${key}`;
    const isNested = member !== null && typeof member === "object" && !Array.isArray(member);
    if (member === undefined) return [];
    return isNested && name !== "optim.warmup" ? flatten(member, `${name}.`) : [[name, member] as const];
  });
}

/** What a person should know about a choice that is allowed. */
export function presetWarnings(recipe: Recipe): readonly string[] {
  const warnings: string[] = [];
  const effective = effectiveOf(recipe);
  const rate = Number(effective["optim.lr"]);
  if (recipe.method === "dpo" && recipe.adapter.type !== "full" && rate <= 1e-6)
    warnings.push(`optim.lr ${rate}: a full-tuning rate that hardly moves an adapter; LoRA wants about 5e-6`);
  if (recipe.method === "dpo" && Number(effective["dpo.nllAnchor"]) < 0.1)
    warnings.push(
      "dpo.nllAnchor below 0.1: the chosen answers can become less likely while the accuracy rises",
    );
  return warnings;
}
