import { join } from "node:path";
import { sha256 } from "../../schema/canonical.ts";
import type { EvalResult, RunManifest } from "../../schema/run.ts";
import { jsonText, replaceFile } from "../../store/atomic.ts";
import { fileRef } from "../../store/hash.ts";
import { projectAt, type Project } from "../../store/paths.ts";
import type { Evidence } from "../health.ts";

export const POLICY_YAML = `schema: workbench/policy@1
name: test
question: Is it better?
primary: { metric: exact, claim: superior }
guardrails:
  - { metric: queue, margin: { points: 0.05 } }
`;

/** A project in a folder of the test, with one policy. */
export async function testProject(root: string): Promise<Project> {
  const project = projectAt(root);
  await replaceFile(project.config, "schema: workbench/config@1\nproject: test\n");
  await replaceFile(join(project.evals, "policies", "test.yaml"), POLICY_YAML);
  return project;
}

/** Writes evidence as a finished eval run, as an evaluation would. */
export async function writeEvalRun(
  project: Project,
  id: string,
  evidence: Evidence,
  more: object = {},
): Promise<string> {
  const folder = join(project.runs, id);
  const rows = [...evidence.baseline.rows, ...evidence.candidate.rows];
  const manifest: RunManifest = {
    schema: "workbench/run@1",
    id,
    kind: "eval",
    experiment: null,
    name: "routing",
    inputs: { suite: "routing" },
    inputsSha256: sha256(id),
    seed: 7,
    at: "2026-11-20T12:00:00.000Z",
    host: { os: "linux", cpus: 2, node: "v24" },
    code: { commit: null, dirty: null },
  };
  await replaceFile(join(folder, "manifest.json"), jsonText(manifest));
  await replaceFile(join(folder, "samples.jsonl"), rows.map((row) => jsonText(row)).join(""));
  const result: EvalResult = {
    schema: "workbench/eval-result@1",
    run: id,
    suite: evidence.candidate.suite,
    arms: [evidence.baseline.arm, evidence.candidate.arm],
    scorers: evidence.candidate.scorers,
    planned: rows.length,
    done: rows.length,
    failed: 0,
    notRun: 0,
    reason: null,
    metrics: {},
    files: [await fileRef(folder, "samples.jsonl")],
    ...more,
  };
  await replaceFile(join(folder, "result.json"), jsonText(result));
  return id;
}

/** Writes a finished training run with one artifact, whose export passed its parity check or did not. */
export async function writeTrainRun(project: Project, id: string, passed = true): Promise<void> {
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
