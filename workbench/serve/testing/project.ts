import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tinyAdapter, tinyModel } from "../../endpoint/testing/tiny-gguf.ts";
import { sha256 } from "../../schema/canonical.ts";
import { projectAt } from "../../store/paths.ts";
import type { Project } from "../../store/paths.ts";

const BASE = "ab".repeat(32);

export interface TestProject {
  readonly project: Project;
  readonly remove: () => Promise<void>;
}

/**
 * A project with the random base `babbler`, exported, and two finished runs on it: `run-a` of recipe
 * `alpha` and `run-b` of recipe `beta`.
 */
export async function testProject(): Promise<TestProject> {
  const root = await mkdtemp(join(tmpdir(), "wb-serve-"));
  const project = projectAt(root);
  await put(root, "workbench.config.yaml", "schema: workbench/config@1\nproject: babble\n");
  await put(root, "recipes/bases/babbler/config.json", "{}");
  const model = tinyModel(1);
  const exported = `.workbench/bases/${BASE.slice(0, 12)}`;
  await put(root, `${exported}/base.gguf`, model);
  await put(
    root,
    `${exported}/manifest.json`,
    JSON.stringify({ base: "bases/babbler", sha256: sha256(model) }),
  );
  await run(root, { id: "run-a", recipe: "alpha", seed: 2, at: "2026-01-01T00:00:00.000Z" });
  await run(root, { id: "run-b", recipe: "beta", seed: 3, at: "2026-01-02T00:00:00.000Z" });
  return { project, remove: () => rm(root, { recursive: true, force: true }) };
}

interface TestRun {
  readonly id: string;
  readonly recipe: string;
  readonly seed: number;
  readonly at: string;
}

async function run(root: string, { id, recipe, seed, at }: TestRun): Promise<void> {
  const adapter = tinyAdapter(seed);
  const digest = "cd".repeat(32);
  await put(root, `runs/${id}/artifacts/adapter.gguf`, adapter);
  const manifest = {
    schema: "workbench/run@1",
    id,
    kind: "train",
    experiment: null,
    name: recipe,
    inputs: {},
    inputsSha256: digest,
    seed: 1,
    at,
    host: { os: "linux", cpus: 2, node: "24" },
    code: { commit: null, dirty: null },
  };
  const result = {
    schema: "workbench/train-result@1",
    run: id,
    recipe,
    method: "sft",
    lockSha256: digest,
    dataset: { name: "d", digest },
    start: null,
    base: { model: "bases/babbler", sha256: BASE },
    steps: 1,
    seconds: 1,
    costUsd: null,
    metrics: {},
    parity: null,
    artifacts: [{ path: "artifacts/adapter.gguf", sha256: sha256(adapter), bytes: adapter.length }],
  };
  await put(root, `runs/${id}/manifest.json`, JSON.stringify(manifest));
  await put(root, `runs/${id}/result.json`, JSON.stringify(result));
}

export async function put(root: string, path: string, data: string | Uint8Array): Promise<void> {
  await mkdir(join(root, path, ".."), { recursive: true });
  await writeFile(join(root, path), data);
}
