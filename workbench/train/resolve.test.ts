import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callTrainer } from "../host/trainer.ts";
import type { Project } from "../store/paths.ts";
import { requires } from "../testing/requires.ts";
import { checkTraining } from "./check.ts";
import { planTraining } from "./plan.ts";
import { resolveRecipe } from "./resolve.ts";
import {
  chats,
  effectsWith,
  makeProject,
  pairs,
  sftRecipe,
  writeDataset,
  writeRecipe,
} from "./testing/fixture.ts";

const python = requires("python");
let project: Project;
beforeAll(async () => void (project = await makeProject()));
afterAll(async () => rm(project.root, { recursive: true, force: true }));

const idOf = async (name = "short-sft", at = project): Promise<string> =>
  (await resolveRecipe({ project: at, recipe: name })).runId;

describe("the lock", () => {
  test("is the same for the same inputs, in another folder, whatever the order of keys", async () => {
    const first = await resolveRecipe({ project, recipe: "short-sft" });
    expect(await idOf()).toBe(first.runId);
    const other = await makeProject();
    expect(await idOf("short-sft", other)).toBe(first.runId);
    const turned = sftRecipe().trimEnd().split("\n").reverse().join("\n");
    await writeRecipe(other, "short-sft", `# another comment\n${turned}\n`);
    expect(await idOf("short-sft", other)).toBe(first.runId);
    await rm(other.root, { recursive: true });
    expect(first.lock.seed).toBe(7);
    expect(first.steps).toBe(15);
  });

  test("says nothing of this machine", async () => {
    const { lock } = await resolveRecipe({ project, recipe: "short-sft" });
    expect(JSON.stringify(lock)).not.toContain(project.root);
    expect(JSON.stringify(lock)).not.toMatch(/threads|"at"|host/);
  });

  test("a written default gives the same values as one left out", async () => {
    const before = await resolveRecipe({ project, recipe: "short-sft" });
    const text = sftRecipe((recipe) =>
      recipe.replace("lr: 2.0e-3,", "lr: 2.0e-3, schedule: cosine, clip: 1.0,"),
    );
    await writeRecipe(project, "short-sft", text);
    expect(await idOf()).toBe(before.runId);
    await writeRecipe(project, "short-sft", sftRecipe());
  });

  test.each([
    ["a value", (text: string) => text.replace("r: 8", "r: 4")],
    ["the seed", (text: string) => text.replace("seed: 7", "seed: 8")],
    ["the export", (text: string) => text.replace("gguf: [f32]", "gguf: [f16]")],
  ])("another %s is another run", async (_name, change) => {
    const before = await idOf();
    await writeRecipe(project, "short-sft", sftRecipe(change));
    expect(await idOf()).not.toBe(before);
    await writeRecipe(project, "short-sft", sftRecipe());
    expect(await idOf()).toBe(before);
  });

  test("one byte of the base is another run", async () => {
    const before = await idOf();
    const path = join(project.recipes, "bases/tiny-router/generation_config.json");
    const text = await readFile(path);
    await appendFile(path, " ");
    expect(await idOf()).not.toBe(before);
    await writeFile(path, text);
    expect(await idOf()).toBe(before);
  });

  test("another row is another run; a changed byte of a built dataset is an integrity failure", async () => {
    const own = await makeProject();
    const before = await idOf("short-sft", own);
    const digest = await writeDataset(
      own,
      { name: "chats", kind: "sft", train: chats(40, 1), val: chats(8, 100) },
      "2026-11-21T00:00:00.000Z",
    );
    expect(await idOf("short-sft", own)).not.toBe(before);
    await appendFile(join(own.datasets, `chats@${digest.slice(0, 12)}`, "train.jsonl"), " ");
    await expect(idOf("short-sft", own)).rejects.toMatchObject({ code: "WB_INTEGRITY", exitCode: 6 });
    await rm(own.root, { recursive: true });
  });
});

describe("data checks", () => {
  const withRows = async (train: readonly object[], change?: (text: string) => string): Promise<Project> => {
    const own = await makeProject();
    await writeDataset(
      own,
      { name: "chats", kind: "sft", train, val: chats(4, 100) },
      "2026-11-22T00:00:00.000Z",
    );
    if (change) await writeRecipe(own, "short-sft", sftRecipe(change));
    return own;
  };
  const long = {
    messages: [
      { role: "user", content: "word ".repeat(400) },
      { role: "assistant", content: "ok" },
    ],
  };
  const turns = {
    messages: [
      { role: "user", content: "word ".repeat(400) },
      { role: "assistant", content: "a" },
      { role: "user", content: "b" },
      { role: "assistant", content: "c" },
    ],
  };

  test.each([
    [
      "no assistant turn",
      {
        messages: [
          { role: "user", content: "a" },
          { role: "user", content: "b" },
        ],
      },
      /no assistant turn/,
    ],
    [
      "a forged turn",
      {
        messages: [
          { role: "user", content: "x<|im_end|>" },
          { role: "assistant", content: "b" },
        ],
      },
      /holds the text/,
    ],
    ["too long", long, /length\.max is 256/],
    [
      "an unknown role",
      {
        messages: [
          { role: "robot", content: "a" },
          { role: "assistant", content: "b" },
        ],
      },
      /known role/,
    ],
  ])("%s is refused with its line", async (_name, row, what) => {
    const own = await withRows([...chats(20), row]);
    await expect(checkTraining({ project: own, recipe: "short-sft" })).rejects.toMatchObject({
      code: "WB_TRAIN_REFUSED",
      what: expect.stringMatching(what) as string,
      where: expect.stringMatching(/train\.jsonl:21$/) as string,
    });
    await rm(own.root, { recursive: true });
  });

  test("drop and trimTurns keep a list of what they changed", async () => {
    const rule = (name: string) => (text: string) =>
      text.replace("chats@latest", `chats@latest, overlength: ${name}`);
    const dropped = await resolveRecipe({
      project: await withRows([...chats(20), long], rule("drop")),
      recipe: "short-sft",
    });
    expect(dropped.lock.tokens).toMatchObject({ overlength: 1, splits: { train: { rows: 20 } } });
    expect(dropped.train.rejects).toMatchObject([{ rule: "overlength: drop", step: "train" }]);
    const trimmed = await resolveRecipe({
      project: await withRows([...chats(20), turns], rule("trimTurns")),
      recipe: "short-sft",
    });
    expect(trimmed.lock.tokens.splits["train"]?.rows).toBe(21);
    expect(trimmed.train.text).toContain('{"messages":[{"role":"user","content":"b"}');
  });

  test("the sample shows the end-of-turn token as learned", async () => {
    const { sample } = await checkTraining({ project, recipe: "short-sft" });
    const learned = sample[0]?.filter((piece) => piece.learned) ?? [];
    expect(learned).toHaveLength(1);
    expect(learned[0]?.text).toMatch(/^\{"tool".*\}<\|im_end\|>$/);
  });

  test("a kind that does not fit the method, and a start that is not there", async () => {
    await writeRecipe(
      project,
      "wrong",
      sftRecipe((text) => text.replace("short-sft", "wrong").replace("chats", "pairs")),
    );
    await expect(resolveRecipe({ project, recipe: "wrong" })).rejects.toMatchObject({
      code: "WB_RECIPE_INVALID",
      where: "recipes/wrong.yaml:5",
    });
    await writeRecipe(
      project,
      "wrong",
      sftRecipe((text) =>
        text.replace("short-sft", "wrong").replace("method", "start: recipe:nothing\nmethod"),
      ),
    );
    await expect(resolveRecipe({ project, recipe: "wrong" })).rejects.toMatchObject({
      code: "WB_RUN_MISSING",
    });
  });
});

describe.skipIf(python === null)("TypeScript and Python", () => {
  test.each([
    ["sft", chats(30)],
    ["dpo", pairs(30)],
  ] as const)("hash the same %s tokens and masks", async (kind, rows) => {
    const own = await makeProject();
    const name = kind === "sft" ? "chats" : "pairs";
    const digest = await writeDataset(
      own,
      { name, kind: kind === "sft" ? "sft" : "preference", train: rows, val: rows.slice(0, 3) },
      "2026-11-23T00:00:00.000Z",
    );
    const change = (text: string): string =>
      text.replace("chats@latest", `${name}@latest`).replace("method: sft", `method: ${kind}`);
    await writeRecipe(own, "short-sft", sftRecipe(change));
    const { lock } = await resolveRecipe({ project: own, recipe: "short-sft" });
    const body = {
      base: join(own.recipes, "bases/tiny-router"),
      rows: join(own.datasets, `${name}@${digest.slice(0, 12)}`, "train.jsonl"),
      kind,
      lossOn: "assistant",
      endOfTurn: lock.template.endOfTurn,
    };
    const answer = await callTrainer(
      { python: python ?? "", command: "tokenise", threads: 1, body },
      effectsWith(python),
    );
    expect(answer["sha256"]).toBe(lock.tokens.trainSha256);
    expect(answer["total"]).toBe(lock.tokens.total);
    expect(answer["supervised"]).toBe(lock.tokens.supervised);
    expect(answer["longestPrompt"]).toBe(lock.tokens.splits["train"]?.longestPrompt);
    await rm(own.root, { recursive: true });
  });
});

test("a run beyond its budget is refused before anything starts; an unknown price refuses nothing", async () => {
  const own = await makeProject();
  await writeFile(
    join(own.recipes, "hosts.yaml"),
    "schema: workbench/hosts@1\nhosts:\n  local: { kind: local, tflops: 0.000001, usdPerHour: 3, priceDate: 2026-11-01 }\n",
  );
  const budget = (text: string): string => text.replace("seed: 7,", "seed: 7, budget: { usd: 0.01 },");
  await writeRecipe(own, "short-sft", sftRecipe(budget));
  await expect(planTraining({ project: own, recipe: "short-sft" })).rejects.toMatchObject({
    code: "WB_TRAIN_REFUSED",
    where: "recipes/short-sft.yaml:9",
    what: expect.stringMatching(/up to .* USD, the budget is 0\.01/) as string,
  });
  await writeFile(
    join(own.recipes, "hosts.yaml"),
    "schema: workbench/hosts@1\nhosts:\n  local: { kind: local }\n",
  );
  expect((await planTraining({ project: own, recipe: "short-sft" })).estimate.costUsd).toBeNull();
  await rm(own.root, { recursive: true });
});
