import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WorkbenchError } from "../errors/error.ts";
import { effectiveOf, presetWarnings } from "./presets.ts";
import { nearest, parseRecipe } from "./recipe.ts";
import { checkSize, warmupSteps } from "./recipe-rules.ts";

const GOOD = `schema: workbench/recipe@1
recipe: good
method: sft
base: { model: bases/tiny-router }
data:
  dataset: chats@latest
adapter:
  type: lora
optim:
  lr: 2.0e-4
length:
  max: 256
  maxPrompt: 192
run:
  seed: 7
`;

function refusal(text: string): WorkbenchError {
  try {
    parseRecipe(text, "recipes/bad.yaml");
  } catch (error) {
    if (error instanceof WorkbenchError) return error;
    throw error;
  }
  throw new Error("the recipe was accepted");
}

/** [what is wrong, text to replace, its replacement, line of the error, a word of the message] */
const BAD: readonly (readonly [string, string, string, number, RegExp])[] = [
  ["unknown top key", "run:", "runs:", 14, /runs/],
  ["unknown nested key", "  lr:", "  learningRate:", 10, /optim\.learningRate/],
  ["misspelt key", "  maxPrompt:", "  maxPromt:", 13, /length\.maxPromt/],
  ["quoted number", "2.0e-4", '"2.0e-4"', 10, /text/],
  ["number with a blank", "2.0e-4", '"3e-4 "', 10, /text/],
  ["negative rate", "2.0e-4", "-1", 10, /optim\.lr/],
  ["zero rate", "2.0e-4", "0", 10, /optim\.lr/],
  ["huge rate", "2.0e-4", "20", 10, /optim\.lr/],
  ["not a number", "2.0e-4", ".nan", 10, /optim\.lr/],
  ["infinite", "2.0e-4", ".inf", 10, /optim\.lr/],
  ["a list", "2.0e-4", "[1, 2]", 10, /optim\.lr/],
  ["unknown method", "method: sft", "method: orpo", 3, /method/],
  ["method missing", "method: sft\n", "", 1, /method/],
  ["wrong schema", "recipe@1", "recipe@2", 1, /schema/],
  ["path as name", "recipe: good", "recipe: ../good", 2, /recipe/],
  ["option as name", "recipe: good", "recipe: -rf", 2, /recipe/],
  ["upper case name", "recipe: good", "recipe: Good", 2, /recipe/],
  ["long name", "recipe: good", `recipe: ${"a".repeat(64)}`, 2, /recipe/],
  ["base as path", "bases/tiny-router", "../../etc/passwd", 4, /base/],
  ["absolute base", "bases/tiny-router", "/models/x", 4, /base/],
  ["base with dots", "bases/tiny-router", "bases/../x", 4, /base/],
  ["base with a shell word", "bases/tiny-router", '"a/b; rm -rf x"', 4, /base/],
  [
    "remote code",
    "{ model: bases/tiny-router }",
    "{ model: a/b, trust_remote_code: true }",
    4,
    /trust_remote_code/,
  ],
  [
    "revision of a local base",
    "{ model: bases/tiny-router }",
    "{ model: bases/tiny-router, revision: main }",
    4,
    /revision/,
  ],
  ["revision as option", "{ model: bases/tiny-router }", "{ model: a/b, revision: --upload }", 4, /revision/],
  ["dataset without version", "chats@latest", "chats", 6, /dataset/],
  ["dataset as path", "chats@latest", "../chats@latest", 6, /dataset/],
  ["test split", "  dataset: chats@latest", "  dataset: chats@latest\n  eval: test", 7, /eval/],
  [
    "unknown overlength rule",
    "  dataset: chats@latest",
    "  dataset: chats@latest\n  overlength: truncate",
    7,
    /overlength/,
  ],
  ["own template", "  dataset: chats@latest", '  dataset: chats@latest\n  template: "{{x}}"', 7, /template/],
  ["prompt fills the row", "maxPrompt: 192", "maxPrompt: 256", 13, /maxPrompt/],
  ["prompt beyond the row", "maxPrompt: 192", "maxPrompt: 999", 13, /maxPrompt/],
  ["max below the default prompt", "  max: 256\n  maxPrompt: 192", "  max: 512", 12, /maxPrompt/],
  ["fractional epochs", "  lr: 2.0e-4", "  lr: 2.0e-4\n  epochs: 1.5", 11, /epochs/],
  ["zero batch", "  lr: 2.0e-4", "  lr: 2.0e-4\n  batch: 0", 11, /batch/],
  ["two warm-ups", "  lr: 2.0e-4", "  lr: 2.0e-4\n  warmup: { steps: 5, ratio: 0.1 }", 11, /warmup/],
  ["plain warm-up", "  lr: 2.0e-4", "  lr: 2.0e-4\n  warmup: 100", 11, /warmup/],
  ["unknown schedule", "  lr: 2.0e-4", "  lr: 2.0e-4\n  schedule: polynomial", 11, /schedule/],
  ["rank as text", "type: lora", 'type: lora\n  r: "16"', 9, /adapter\.r/],
  ["rank of nothing", "type: lora", "type: lora\n  r: 0", 9, /adapter\.r/],
  ["dropout of one", "type: lora", "type: lora\n  dropout: 1", 9, /dropout/],
  ["unknown quantisation", "type: lora", "type: lora\n  quant: int8", 9, /quant/],
  ["module as expression", "type: lora", 'type: lora\n  targets: [".*"]', 9, /targets/],
  ["rank of full tuning", "type: lora", "type: full\n  r: 16", 9, /adapter\.r/],
  ["4-bit full tuning", "type: lora", "type: full\n  quant: nf4", 9, /quant|4-bit/],
  ["foreign block", "run:", "dpo: { beta: 0.1 }\nrun:", 14, /dpo/],
  ["two blocks", "method: sft", "method: dpo\nreward: { centre: 0.01 }", 4, /reward/],
  ["experimental method", "method: sft", "method: grpo", 3, /experimental/],
  ["distillation without a teacher", "method: sft", "method: distill", 3, /teacher/],
  ["own start", "method: sft", "method: sft\nstart: recipe:good", 4, /itself/],
  ["start as path", "method: sft", "method: sft\nstart: run:../../x", 4, /start/],
  ["unknown preset", "method: sft", "method: sft\npreset: best", 4, /preset/],
  ["negative seed", "seed: 7", "seed: -1", 15, /seed/],
  ["large seed", "seed: 7", "seed: 4294967296", 15, /seed/],
  ["seed as truth", "seed: 7", "seed: true", 15, /seed/],
  ["a host", "seed: 7", "seed: 7\n  host: gpu1", 16, /run\.host/],
  ["a key", "seed: 7", "seed: 7\nHF_TOKEN: hf_x", 16, /HF_TOKEN/],
  ["a short reason", "seed: 7", "seed: 7\nallowSmall: yes", 16, /allowSmall/],
  ["true as a reason", "seed: 7", "seed: 7\nallowSmall: true", 16, /allowSmall/],
  ["unknown export", "seed: 7", "seed: 7\nexport: { gguf: [q2_k] }", 16, /gguf/],
  ["empty export", "seed: 7", "seed: 7\nexport: { gguf: [] }", 16, /gguf/],
  ["ollama name as path", "seed: 7", "seed: 7\nexport: { ollama: a/b }", 16, /ollama/],
  ["duplicate key", "method: sft", "method: sft\nmethod: dpo", 4, /unique/i],
  ["alias", "seed: 7", "seed: &a 7\n  keep: *a", 1, /alias/i],
  ["merge key", "run:", "<<: { x: 1 }\nrun:", 14, /<</],
  ["tag", "seed: 7", "seed: !!js/function 7", 15, /tag/i],
  ["tabs", "  seed: 7", "\tseed: 7", 15, /./],
  ["not a mapping", GOOD, "- a\n- b\n", 1, /the file/],
  ["empty", GOOD, "", 1, /the file/],
];

describe("bad recipes", () => {
  test.each(BAD)("%s", (_name, from, to, line, word) => {
    const text = GOOD.replace(from, () => to);
    expect(text).not.toBe(GOOD);
    const error = refusal(text);
    expect(error.code).toBe("WB_RECIPE_INVALID");
    expect(error.exitCode).toBe(2);
    expect(error.where).toMatch(
      line === 1 ? /^recipes\/bad\.yaml(:1)?$/ : new RegExp(`^recipes/bad\\.yaml:${line}$`),
    );
    expect(error.what).toMatch(word);
  });

  test("any text is a recipe or a typed refusal", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string().map((s) => GOOD + s),
        ),
        (text) => {
          try {
            parseRecipe(text, "recipes/any.yaml");
          } catch (error) {
            expect(error).toBeInstanceOf(WorkbenchError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("an unknown key names the nearest known one", () => {
    expect(refusal(GOOD.replace("maxPrompt", "maxPromt")).fix).toBe("did you mean maxPrompt?");
    expect(refusal(GOOD.replace("  lr: 2.0e-4", "  lr: 2.0e-4\n  epoch: 3")).fix).toBe(
      "did you mean epochs?",
    );
    expect(refusal(GOOD.replace("seed", "sede")).fix).toBe("did you mean seed?");
    expect(nearest("zzzzzz", ["lr", "epochs"])).toBeNull();
  });
});

describe("effective values", () => {
  const effective = (change: (text: string) => string): Readonly<Record<string, unknown>> =>
    effectiveOf(parseRecipe(change(GOOD), "recipes/good.yaml").recipe);

  test("written values win over the preset, the preset over the defaults", () => {
    expect(effective((text) => text)["adapter.r"]).toBe(16);
    const unified = (text: string): string => text.replace("method", "preset: unified\nmethod");
    expect(effective(unified)["adapter.r"]).toBe(8);
    expect(effective((text) => unified(text).replace("type: lora", "r: 4"))["adapter.r"]).toBe(4);
  });

  test("DPO has its own defaults", () => {
    const dpo = effective((text) => text.replace("sft", "dpo").replace("  lr: 2.0e-4", "  batch: 4"));
    expect(dpo).toMatchObject({
      "optim.lr": 5e-6,
      "adapter.dropout": 0,
      "optim.epochs": 1,
      "dpo.nllAnchor": 0.2,
    });
  });

  test("bruno's rate on an adapter is allowed and warned about", () => {
    const text = GOOD.replace("sft", "dpo\npreset: bruno").replace("  lr: 2.0e-4", "  batch: 4");
    const { recipe } = parseRecipe(text, "recipes/good.yaml");
    expect(effectiveOf(recipe)).toMatchObject({
      "optim.lr": 5e-7,
      "adapter.dropout": 0.05,
      "dpo.nllAnchor": 0,
    });
    expect(presetWarnings(recipe).join(" ")).toMatch(/hardly moves/);
  });

  test("early stopping can be switched off", () => {
    expect(effective((text) => text)["run.earlyStop.patience"]).toBe(3);
    const off = effective((text) => text.replace("seed: 7", "earlyStop: null"));
    expect(off["run.earlyStop"]).toBeNull();
    expect(off).not.toHaveProperty(["run.earlyStop.patience"]);
  });

  test("full tuning has no adapter values", () => {
    const full = effective((text) =>
      text.replace("type: lora", "type: full").replace("sft", "sft\npreset: aqe"),
    );
    expect(full).toMatchObject({ "adapter.r": null, "adapter.dropout": null });
  });
});

describe("rules that need counts", () => {
  const file = parseRecipe(GOOD, "recipes/good.yaml");

  test("warm-up: written, by ratio, left out, and too long", () => {
    expect(warmupSteps({ steps: 10 }, 100, file.errorAt)).toBe(10);
    expect(warmupSteps({ ratio: 0.05 }, 150, file.errorAt)).toBe(8);
    expect(warmupSteps(undefined, 150, file.errorAt)).toBe(15);
    expect(warmupSteps(undefined, 5000, file.errorAt)).toBe(100);
    expect(() => warmupSteps({ steps: 31 }, 100, file.errorAt)).toThrow(/31 warm-up steps of 100/);
  });

  test("a small dataset needs a reason", () => {
    expect(() => checkSize(file.recipe, 999, file.errorAt)).toThrow(/999 interactions are too few/);
    checkSize(file.recipe, 1000, file.errorAt);
    checkSize({ ...file.recipe, allowSmall: "an example of 800 tickets" }, 10, file.errorAt);
    expect(() => checkSize({ ...file.recipe, method: "dpo" }, 499, file.errorAt)).toThrow(/499 pairs/);
  });
});
