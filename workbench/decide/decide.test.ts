import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { WorkbenchError } from "../errors/error.ts";
import type { Project } from "../store/paths.ts";
import { decide } from "./decide.ts";
import { firstDifference } from "./difference.ts";
import { readLog } from "./log.ts";
import { testProject, writeEvalRun } from "./testing/project.ts";
import { pairedRows } from "./testing/rows.ts";
import { verifyDecision } from "./verify.ts";

let project: Project;

beforeEach(async () => {
  project = await testProject(mkdtempSync(join(tmpdir(), "decide-")));
  await writeEvalRun(
    project,
    "aaaaaaaaaaaa",
    pairedRows({ both: 60, baselineOnly: 5, candidateOnly: 40, neither: 15 }),
  );
});

const request = () => ({ project, policy: "test", evalRun: "latest" });

describe("decide", () => {
  it("stores a go as a run, and does nothing the second time", async () => {
    const first = await decide(request());
    expect(first.computed.verdict).toBe("go");
    const log = await readLog(project);
    expect(log.rows.map((row) => row.kind)).toEqual([
      "policy.declared",
      "evidence.opened",
      "verdict.recorded",
    ]);
    const again = await decide(request());
    expect(again).toEqual(first);
    expect((await readLog(project)).head).toBe(log.head);
  });

  it("is verified bit-equal", async () => {
    const { run, id } = await decide(request());
    expect(await verifyDecision(project, run)).toMatchObject({ record: id, verdict: "go", logged: true });
    expect(await verifyDecision(project, `runs/${run}/`)).toMatchObject({ record: id });
  });

  it("finds one flipped byte in every file a decision stands on", async () => {
    const { run, computed } = await decide(request());
    const files = [
      ...computed.evidence.map((ref) => ref.path),
      `runs/${run}/result.json`,
      `runs/${run}/manifest.json`,
      "runs/registry/log.jsonl",
    ];
    expect(files).toHaveLength(8);
    for (const file of files) {
      const path = join(project.root, file);
      const bytes = readFileSync(path);
      const step = Math.max(1, Math.floor(bytes.length / 8));
      for (let at = 1; at < bytes.length; at += step) {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ 1;
        writeFileSync(path, changed);
        const outcome = await verifyDecision(project, run).then(
          () => 0,
          (error: unknown) => (error as WorkbenchError).exitCode,
        );
        expect(outcome, `${file} at ${at}`).toBe(6);
      }
      writeFileSync(path, bytes);
    }
    expect((await verifyDecision(project, run)).logged).toBe(true);
  });

  it("calls a policy that came after the first reading late", async () => {
    await decide(request());
    const path = join(project.evals, "policies", "test.yaml");
    writeFileSync(path, readFileSync(path, "utf8").replace("0.05", "0.10"));
    const amended = await decide(request());
    expect(amended.computed.verdict).toBe("inconclusive");
    expect(amended.computed.reasons).toEqual(["policy-after-data"]);
  });

  it("refuses to read a partial run as a fixed plan", async () => {
    const rows = pairedRows({ both: 60, baselineOnly: 5, candidateOnly: 40, neither: 15 });
    await writeEvalRun(project, "bbbbbbbbbbbb", rows, { notRun: 80, reason: "budget" });
    const it = await decide({ ...request(), evalRun: "bbbbbbbbbbbb" });
    expect(it.computed.reasons).toEqual(["look-plan-open"]);
    expect(it.computed.verdict).toBe("inconclusive");
  });

  it("names an arm or run that is not there", async () => {
    await expect(decide({ ...request(), candidate: "none" })).rejects.toThrow(/no arm/);
    await expect(decide({ ...request(), evalRun: "cccccccccccc" })).rejects.toThrow(/no such run/);
  });
});

it("names the first difference with its distance in ulp", () => {
  expect(firstDifference({ a: [1, 2] }, { a: [1, 2] }, "x")).toBeNull();
  expect(firstDifference({ a: [1, 0.1] }, { a: [1, 0.1 + 2 ** -56] }, "x")).toMatch(
    /x\.a\[1\] .*1 ulp apart/,
  );
});
