import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { resolveArms } from "../flow/arms.ts";
import { loadConfig } from "../store/config.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { evaluate } from "./evaluate.ts";
import { loadSuite } from "./load.ts";
import { newSuite, SUITE_KINDS, type SuiteKind } from "./scaffold.ts";
import { fakeServer } from "./testing/fake-server.ts";
import { tempProject } from "./testing/project.ts";

const KINDS = Object.keys(SUITE_KINDS) as SuiteKind[];

/** Runs a suite as the command does: its file, its arms, its rows. */
async function ran(project: Project, name: string) {
  const { suite, fileSha256 } = await loadSuite(project, name, realEffects);
  const config = await loadConfig(project, realEffects);
  const { arms, close } = await resolveArms({ project, config, sources: suite.arms });
  onTestFinished(close);
  return (await evaluate({ project, suite, fileSha256, arms })).result;
}

describe("a new suite runs at once", () => {
  test.each(KINDS.filter((kind) => kind !== "data"))("%s, on the answers written with it", async (kind) => {
    const project = await tempProject();
    const files = await newSuite(project, { name: "fresh", kind, models: [] }, realEffects);
    expect(files[0]).toBe("evals/fresh.eval.ts");
    const { done, failed, metrics, suite } = await ran(project, "fresh");
    expect(done).toBeGreaterThanOrEqual(3);
    expect(failed).toBe(0);
    // The answers are good ones, but the chat's third and the retrieval's are not all right.
    const mean = metrics["baseline"]?.[suite.primary] ?? null;
    if (kind === "chat") expect(mean).toBeCloseTo(2 / 3, 12);
    else if (kind === "retrieval") expect(mean).toBeGreaterThan(0.6);
    else expect(mean).toBe(1);
    expect(metrics["baseline"]?.[`${suite.primary}.unscored`]).toBe(0);
  });

  test.each(["chat", "data"] as const)("%s, on the first two models of the configuration", async (kind) => {
    const server = await fakeServer();
    onTestFinished(server.close);
    const project = await tempProject(
      `endpoints:\n  e: { kind: openai, url: "${server.origin}/v1" }\nmodels:\n  a: { endpoint: e, model: a }\n  b: { endpoint: e, model: b }\n`,
    );
    await newSuite(project, { name: "fresh", kind, models: ["a", "b"] }, realEffects);
    const { done, arms } = await ran(project, "fresh");
    expect(done).toBe(6);
    expect(arms.map(({ model }) => model)).toEqual(["a", "b"]);
    expect([...server.paid.values()]).toEqual([2, 2, 2]);
  });

  test("nothing that is there is written over, and a name is a name", async () => {
    const project = await tempProject();
    for (const kind of KINDS) {
      const files = await newSuite(project, { name: `of-${kind}`, kind, models: ["a"] }, realEffects);
      const before = await readFile(join(project.root, files.at(-1) ?? ""), "utf8");
      await expect(newSuite(project, { name: `of-${kind}`, kind, models: [] }, realEffects)).rejects.toThrow(
        "there already",
      );
      expect(await readFile(join(project.root, files.at(-1) ?? ""), "utf8")).toBe(before);
    }
    await expect(newSuite(project, { name: "../x", kind: "chat", models: [] }, realEffects)).rejects.toThrow(
      "no name",
    );
  });
});
