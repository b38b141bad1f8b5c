import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import { changes } from "./changes.ts";
import { tempProject } from "./testing/project.ts";

test("told once at the start, and once for each change that has come to rest", async () => {
  const project = await tempProject();
  const path = join(project.evals, "a.suite.jsonl");
  /** What happens between two looks. */
  const script = [
    async () => undefined,
    () => writeFile(path, "half"),
    () => writeFile(path, "half and the rest"),
    async () => undefined,
    async () => undefined,
    () => writeFile(project.config, "schema: workbench/config@1\nproject: other-name\n"),
    async () => undefined,
  ];
  let looks = 0;
  const effects = {
    ...realEffects,
    sleep: async () => {
      await script[looks++]?.();
      if (looks > script.length) throw new Error("enough");
    },
  };
  const told: number[] = [];
  const watching = changes(project, effects);
  await expect(
    (async () => {
      for await (const _ of watching) told.push(looks);
    })(),
  ).rejects.toThrow("enough");
  expect(told).toEqual([0, 4, 7]);
});
