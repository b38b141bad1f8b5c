import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { WorkbenchError } from "../errors/error.ts";
import { loadConfig } from "../store/config.ts";
import { realEffects, type Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { addMarker } from "../catalog/tombstones.ts";
import { decisionOf } from "./decision-files.ts";
import { approve, override, resume, stop } from "./control.ts";
import { decide } from "./decide.ts";
import { logPath, readLog } from "./log.ts";
import { planPromotion, promote } from "./promote.ts";
import { rollback, settle } from "./rollback.ts";
import { nextVersion, registerModel } from "./register.ts";
import { readRegistry } from "./registry.ts";
import { checkSignedHead } from "./signed-head.ts";
import { testProject, writeEvalRun, writeTrainRun } from "./testing/project.ts";
import { arm, pairedRows } from "./testing/rows.ts";

const RACER = join(import.meta.dirname, "testing", "racer.ts");
let project: Project;
const as = (actor: string, at?: string): Effects => ({
  ...realEffects,
  env: (name) => (name === "WORKBENCH_ACTOR" ? actor : undefined),
  ...(at === undefined ? {} : { now: () => new Date(at) }),
});

/**
 * Trains, evaluates, decides and registers one candidate; returns the decision's run. The baseline comes
 * from the training run of `against`.
 */
async function candidate(name: string, against: string | null = null): Promise<string> {
  await writeTrainRun(project, `train-${name}`);
  const rows = pairedRows({ both: 60, baselineOnly: 5, candidateOnly: 40, neither: 15 });
  const run0 = against === null ? null : `train-${against}`;
  const renamed = {
    ...rows,
    baseline: { ...rows.baseline, arm: { ...rows.baseline.arm, run: run0 } },
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
    await writeTrainRun(project, "train-a");
    const first = await registerModel({ project, trainRun: "train-a" }, as("ann", "2026-01-20T00:00:00Z"));
    expect(first.version).toBe("v1.2.1");
    const again = await registerModel({ project, trainRun: "train-a" }, as("ann", "2026-03-20T00:00:00Z"));
    expect(again).toEqual(first);
    expect((await readLog(project)).rows).toHaveLength(1);
    expect(nextVersion(await readLog(project), "2026-01-05", new Date("2026-01-21"))).toBe("v1.2.2");
    await writeTrainRun(project, "train-b", false);
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
    const two = await candidate("two", "one");
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
    const runs = [await candidate("one", "two"), await candidate("two", "one")];
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
    await writeTrainRun(project, "train-weak");
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

  it("promotes a go that learnt from erased rows only with an override given since", async () => {
    const decision = await candidate("erased");
    const { computed } = (await decisionOf(project, decision, realEffects)).decision;
    const folder = join(project.runs, computed.candidate.run ?? "");
    const at = new Date().toISOString();
    await addMarker(folder, { id: "0".repeat(32), at, because: "a test" }, realEffects);
    expect(await exitOf(promote({ project, decision }))).toBe(3);
    const reason = "retraining is under way, legal agreed to two days";
    await override({ project, decision, reason, days: 2 }, as("ann"));
    expect(await exitOf(promote({ project, decision }))).toBe(0);
  });

  it("has exactly one winner among many processes at once", async () => {
    // 20 with WB_TEST_DEPTH=full: each is a whole Node of its own.
    const count = process.env["WB_TEST_DEPTH"] === "full" ? 20 : 6;
    const runs = [await candidate("one"), await candidate("two")];
    const { head } = await readLog(project);
    const go = join(project.root, "go");
    const racer = (decision: string): Promise<number | null> =>
      new Promise((done, failed) => {
        const child = spawn(process.execPath, [RACER, project.root, decision, head, go], { stdio: "ignore" });
        child.once("error", failed);
        child.once("close", done);
      });
    const racers = Array.from({ length: count }, (_, i) => racer(runs[i % 2]!));
    writeFileSync(go, "");
    const exits = await Promise.all(racers);
    expect(exits.filter((exit) => exit === 0)).toHaveLength(1);
    expect(exits.filter((exit) => exit === 7)).toHaveLength(count - 1);
    const moved = (await readLog(project)).rows.filter((row) => row.kind === "alias.moved");
    expect(moved).toHaveLength(1);
  }, 120_000);

  it("has exactly one winner among twenty calls of one process", async () => {
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

describe("what production is compared with", () => {
  it("refuses a comparison with something else than production, unless that is said", async () => {
    await promote({ project, decision: await candidate("one") });
    const two = await candidate("two");
    await expect(promote({ project, decision: two })).rejects.toMatchObject({
      exitCode: 3,
      what: expect.stringContaining("this decision compares with baseline (no trained model)") as string,
    });
    await promote({ project, decision: two, otherBaseline: true });
    const last = (await readLog(project)).rows.at(-1);
    expect(last?.data).toMatchObject({ alias: "production", otherBaseline: true });
  });

  it("says the verdict before it says that nobody registered the candidate", async () => {
    const rows = pairedRows({ both: 60, baselineOnly: 14, candidateOnly: 16, neither: 30 });
    await writeEvalRun(project, "eval-weak", rows);
    const { run } = await decide({ project, policy: "test", evalRun: "eval-weak" });
    await expect(promote({ project, decision: run })).rejects.toMatchObject({
      what: expect.stringContaining("the verdict is inconclusive") as string,
    });
  });
});

describe("deploy targets", () => {
  const VALUES = "image: { tag: none } # ours\n";
  const declare = async (): Promise<string> => {
    const file = join(project.root, "values.yaml");
    writeFileSync(file, VALUES);
    writeFileSync(
      project.config,
      `${readFileSync(project.config, "utf8")}deploy:\n  - { name: box, kind: values-file, file: values.yaml, set: { image.tag: "{version}" } }\n`,
    );
    return file;
  };

  it("shows the plan, deploys with the alias, and rolls back to the exact bytes", async () => {
    const file = await declare();
    const one = await candidate("one");
    const two = await candidate("two", "one");
    const plan = await planPromotion({ project, decision: one });
    expect(plan.deploys[0]?.steps[0]).toContain("image.tag none → v1.");
    expect(readFileSync(file, "utf8")).toBe(VALUES);
    expect((await promote({ project, decision: one })).deployed).toEqual(["box: applied"]);
    const first = readFileSync(file, "utf8");
    expect(first).toContain(plan.version);
    await promote({ project, decision: two });
    expect(readFileSync(file, "utf8")).not.toBe(first);
    expect((await rollback({ project, reason: "errors" })).deployed).toEqual(["box: reverted"]);
    expect(readFileSync(file, "utf8")).toBe(first);
    expect((await settle(project)).deployed).toEqual([]);
  });

  it("is finished by settle when the rollback dies after its row", async () => {
    const file = await declare();
    await promote({ project, decision: await candidate("one") });
    const first = readFileSync(file, "utf8");
    await promote({ project, decision: await candidate("two", "one") });
    let appended = 0;
    const dying: Effects = {
      ...realEffects,
      append: async (...args) => {
        if (++appended > 1) throw new Error("killed");
        await realEffects.append(...args);
      },
      rename: async (...args) => {
        if (appended > 0) throw new Error("killed");
        await realEffects.rename(...args);
      },
    };
    await expect(rollback({ project, reason: "errors" }, dying)).rejects.toThrow();
    expect(readFileSync(file, "utf8")).not.toBe(first);
    expect(await exitOf(promote({ project, decision: await candidate("three", "one") }))).toBe(6);
    expect((await settle(project)).deployed).toEqual(["box: reverted"]);
    expect(readFileSync(file, "utf8")).toBe(first);
  });
});

describe("a signed head", () => {
  it("finds a log that was cut, rewritten or signed by another, and lets an unsigned tail be seen", async () => {
    const keys = generateKeyPairSync("ed25519");
    const pem = join(project.root, "key.pem");
    writeFileSync(pem, keys.privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(join(project.root, "key.pub.pem"), keys.publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(
      project.config,
      `${readFileSync(project.config, "utf8")}registry: { signingKeyEnv: KEY_FILE, publicKey: key.pub.pem }\n`,
    );
    const signing: Effects = { ...realEffects, env: (name) => (name === "KEY_FILE" ? pem : undefined) };
    const check = async () => checkSignedHead(project, await loadConfig(project), realEffects);
    await expect(check()).rejects.toMatchObject({ exitCode: 6 });
    for (let i = 0; i < 3; i++) {
      await stop({ project, reason: "a" }, signing);
      await resume({ project, reason: "b" }, signing);
    }
    expect(await check()).toEqual({ rows: 6, unsigned: 0 });
    await stop({ project, reason: "without the key" });
    expect(await check()).toEqual({ rows: 6, unsigned: 1 });

    const path = logPath(project);
    const text = readFileSync(path, "utf8");
    // Cut at the end, the chain still holds; only the signature shows it.
    writeFileSync(path, `${text.split("\n").slice(0, 4).join("\n")}\n`);
    expect((await readLog(project)).rows).toHaveLength(4);
    await expect(check()).rejects.toMatchObject({
      what: "the signed head is not in the log: rows were cut off or rewritten",
    });
    writeFileSync(path, text);
    const other = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" });
    writeFileSync(join(project.root, "key.pub.pem"), other);
    await expect(check()).rejects.toMatchObject({
      what: "the signature of the log's head is not of the configured key",
    });
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
