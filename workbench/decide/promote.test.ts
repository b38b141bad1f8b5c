import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { WorkbenchError } from "../errors/error.ts";
import { sha256 } from "../schema/canonical.ts";
import { jsonText, replaceFile } from "../store/atomic.ts";
import { realEffects, type Effects } from "../store/effects.ts";
import { fileRef } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { approve, override, resume, stop } from "./control.ts";
import { decide } from "./decide.ts";
import { logPath, readLog } from "./log.ts";
import { promote, rollback } from "./promote.ts";
import { nextVersion, registerModel } from "./register.ts";
import { readRegistry } from "./registry.ts";
import { testProject, writeEvalRun } from "./testing/project.ts";
import { arm, pairedRows } from "./testing/rows.ts";

let project: Project;
const as = (actor: string, at?: string): Effects => ({
  ...realEffects,
  env: (name) => (name === "WORKBENCH_ACTOR" ? actor : undefined),
  ...(at === undefined ? {} : { now: () => new Date(at) }),
});

/** A finished training run with one artifact. */
async function writeTrainRun(id: string, passed = true): Promise<void> {
  const folder = join(project.runs, id);
  await replaceFile(join(folder, "adapter.gguf"), `weights of ${id}`);
  const result = {
    schema: "workbench/train-result@1",
    run: id,
    recipe: "tiny",
    method: "sft",
    lockSha256: sha256("lock"),
    dataset: { name: "routing", digest: sha256("data") },
    start: null,
    base: { model: "tiny", sha256: sha256("base") },
    steps: 10,
    seconds: 3,
    costUsd: 1,
    metrics: { loss: 0.1 },
    artifacts: [await fileRef(folder, "adapter.gguf")],
    parity: { passed, checks: [] },
  };
  await replaceFile(join(folder, "result.json"), jsonText(result));
}

/** Trains, evaluates, decides and registers one candidate; returns the decision's run. */
async function candidate(name: string): Promise<string> {
  await writeTrainRun(`train-${name}`);
  const rows = pairedRows({ both: 60, baselineOnly: 5, candidateOnly: 40, neither: 15 });
  const renamed = {
    ...rows,
    candidate: arm(
      name,
      rows.candidate.rows.map((row) => ({ ...row, arm: name })),
    ),
  };
  await writeEvalRun(project, `eval-${name}`, renamed);
  const { run } = await decide({ project, policy: "test", evalRun: `eval-${name}` }, as("ann"));
  await registerModel({ project, trainRun: `train-${name}` });
  return run;
}

const exitOf = (work: Promise<unknown>): Promise<number> =>
  work.then(
    () => 0,
    (error: unknown) => (error instanceof WorkbenchError ? error.exitCode : 1),
  );

beforeEach(async () => {
  project = await testProject(mkdtempSync(join(tmpdir(), "promote-")));
});

describe("registry", () => {
  it("registers a run once, versions by week, and refuses one without parity", async () => {
    await writeTrainRun("train-a");
    const first = await registerModel({ project, trainRun: "train-a" }, as("ann", "2026-01-20T00:00:00Z"));
    expect(first.version).toBe("v1.2.1");
    const again = await registerModel({ project, trainRun: "train-a" }, as("ann", "2026-03-20T00:00:00Z"));
    expect(again).toEqual(first);
    expect((await readLog(project)).rows).toHaveLength(1);
    expect(nextVersion(await readLog(project), "2026-01-05", new Date("2026-01-21"))).toBe("v1.2.2");
    await writeTrainRun("train-b", false);
    expect(await exitOf(registerModel({ project, trainRun: "train-b" }))).toBe(3);
  });

  it("refuses a run that trained nothing as a mistake of the caller's", async () => {
    const rows = pairedRows({ both: 6, baselineOnly: 1, candidateOnly: 4, neither: 1 });
    await writeEvalRun(project, "eval-only", rows);
    await expect(registerModel({ project, trainRun: "eval-only" })).rejects.toMatchObject({
      exitCode: 2,
      what: "this is no training run",
    });
  });
});

describe("promote and roll back", () => {
  it("moves production, remembers previous, and goes back in one row", async () => {
    const one = await candidate("one");
    const two = await candidate("two");
    expect(await promote({ project, decision: one })).toMatchObject({ previous: null, moved: true });
    expect(await promote({ project, decision: one })).toMatchObject({ moved: false });
    const second = await promote({ project, decision: two });
    expect(second.previous).not.toBeNull();
    const before = (await readLog(project)).rows.length;
    const back = await rollback({ project, reason: "errors" });
    expect(back.production).toBe(second.previous);
    expect((await readLog(project)).rows).toHaveLength(before + 1);
    expect(await exitOf(rollback({ project, reason: "again" }))).toBe(3);
  });

  it("refuses a changed byte of evidence, of the weights, and a decision nobody logged", async () => {
    const run = await candidate("one");
    for (const file of [
      "runs/eval-one/samples.jsonl",
      "runs/train-one/adapter.gguf",
      `runs/${run}/policy.json`,
    ]) {
      const path = join(project.root, file);
      const bytes = readFileSync(path);
      writeFileSync(path, Buffer.concat([bytes, Buffer.from(" ")]));
      expect(await exitOf(promote({ project, decision: run })), file).toBe(6);
      writeFileSync(path, bytes);
    }
    expect((await readRegistry(project)).aliases.production).toBeNull();
    expect(await exitOf(promote({ project, decision: run }))).toBe(0);
  });

  it("does nothing while the kill switch or the STOP file is there", async () => {
    const run = await candidate("one");
    await stop({ project, reason: "incident" });
    expect(await exitOf(promote({ project, decision: run }))).toBe(3);
    await resume({ project, reason: "over" });
    writeFileSync(join(project.runs, "registry", "STOP"), "");
    expect(await exitOf(promote({ project, decision: run }))).toBe(3);
    expect((await readRegistry(project)).aliases.production).toBeNull();
  });

  it("refuses a seventh promotion in one day", async () => {
    const runs = [await candidate("one"), await candidate("two")];
    const day = as("ann", "2030-05-01T10:00:00Z");
    for (let i = 0; i < 6; i++)
      expect(await exitOf(promote({ project, decision: runs[i % 2]! }, day))).toBe(0);
    expect(await exitOf(promote({ project, decision: runs[0]! }, day))).toBe(3);
    expect(await exitOf(promote({ project, decision: runs[0]! }, as("ann", "2030-05-02T00:00:00Z")))).toBe(0);
  });

  it("asks for the policy's approvals, by others than the author, of this very record", async () => {
    const path = join(project.evals, "policies", "test.yaml");
    writeFileSync(path, `${readFileSync(path, "utf8")}approvals: { count: 1 }\n`);
    const run = await candidate("one");
    expect(await exitOf(promote({ project, decision: run }))).toBe(3);
    await approve({ project, decision: run }, as("ann"));
    expect(await exitOf(promote({ project, decision: run }))).toBe(3);
    await approve({ project, decision: run }, as("bob"));
    expect(await exitOf(promote({ project, decision: run }))).toBe(0);
  });

  it("promotes an inconclusive one only with a named, reasoned, unexpired override", async () => {
    await writeTrainRun("train-weak");
    const rows = pairedRows({ both: 60, baselineOnly: 14, candidateOnly: 16, neither: 30 });
    const weak = arm(
      "weak",
      rows.candidate.rows.map((row) => ({ ...row, arm: "weak" })),
    );
    await writeEvalRun(project, "eval-weak", { ...rows, candidate: weak });
    const { run, computed } = await decide({ project, policy: "test", evalRun: "eval-weak" });
    expect(computed.verdict).toBe("inconclusive");
    await registerModel({ project, trainRun: "train-weak" });
    expect(await exitOf(promote({ project, decision: run }))).toBe(3);
    const reason = "the old model is withdrawn by its vendor on Friday";
    expect(await exitOf(override({ project, decision: run, reason: "because", days: 7 }, as("ann")))).toBe(2);
    await override({ project, decision: run, reason, days: 7 }, as("ann"));
    expect(await exitOf(promote({ project, decision: run }, as("ann", "2040-01-01T00:00:00Z")))).toBe(3);
    expect(await exitOf(promote({ project, decision: run }))).toBe(0);
  });

  it("has exactly one winner among twenty at once", async () => {
    const runs = [await candidate("one"), await candidate("two")];
    const sawHead = (await readLog(project)).head;
    const exits = await Promise.all(
      Array.from({ length: 20 }, (_, i) => exitOf(promote({ project, decision: runs[i % 2]!, sawHead }))),
    );
    expect(exits.filter((exit) => exit === 0)).toHaveLength(1);
    expect(exits.filter((exit) => exit === 7)).toHaveLength(19);
    const moved = (await readLog(project)).rows.filter((row) => row.kind === "alias.moved");
    expect(moved).toHaveLength(1);
  });
});

describe("the log", () => {
  it("finds every edit, deletion, insertion and swap, with its line, and a cut by its head", async () => {
    const run = await candidate("one");
    const path = logPath(project);
    const text = readFileSync(path, "utf8");
    const lines = text.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(3);
    const broken = async (changed: readonly string[]): Promise<string> => {
      writeFileSync(path, `${changed.join("\n")}\n`);
      return readLog(project).then(
        () => "",
        (error: unknown) =>
          error instanceof WorkbenchError ? `${error.exitCode} ${error.where ?? ""}` : "1",
      );
    };
    for (let i = 0; i < lines.length; i++) {
      expect(await broken(lines.with(i, lines[i]!.replace(/"actor":"[^"]*"/, '"actor":"eve"')))).toBe(
        `6 ${path}:${i + 1}`,
      );
      expect(await broken(lines.toSpliced(i, 0, lines[i]!))).toMatch(/^6 /);
      if (i + 1 < lines.length) {
        expect(await broken(lines.toSpliced(i, 1))).toBe(`6 ${path}:${i + 1}`);
        expect(await broken(lines.with(i, lines[i + 1]!).with(i + 1, lines[i]!))).toBe(`6 ${path}:${i + 1}`);
      }
    }
    // Cutting the end leaves a valid chain: the head that the decision saw gives it away.
    expect(await broken(lines.slice(0, 1))).toBe("");
    expect(await exitOf(promote({ project, decision: run }))).toBe(6);
  });

  it("cuts a torn last line with the next row, and keeps the chain", async () => {
    await candidate("one");
    const whole = (await readLog(project)).rows.length;
    const path = logPath(project);
    writeFileSync(path, `${readFileSync(path, "utf8")}{"seq":9,"at`);
    expect((await readLog(project)).tornBytes).toBeGreaterThan(0);
    await stop({ project, reason: "test" });
    expect(await readLog(project)).toMatchObject({ tornBytes: 0 });
    expect((await readLog(project)).rows).toHaveLength(whole + 1);
  });
});
