import { cp, mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { digestOf, sha256 } from "../../schema/canonical.ts";
import type { MetricEffect, Verdict } from "../../schema/decision.ts";
import { jsonText } from "../../store/atomic.ts";
import type { Project } from "../../store/paths.ts";
import { projectAt } from "../../store/paths.ts";

const HERE = resolve(import.meta.dirname, "../../..");
const AT = "2026-11-20T14:02:11.000Z";

/** A project folder with one run of each kind, whose every text from data is `hostile`. */
export async function fixtureProject(hostile = "plain text"): Promise<Project> {
  const root = await mkdtemp(join(tmpdir(), "wb-report-"));
  const project = projectAt(root);
  for (const name of ["reports/components", "scripts", "runs", "datasets"])
    await mkdir(join(root, name), { recursive: true });
  await symlink(join(HERE, "node_modules"), join(root, "node_modules"));
  for (const name of [
    "observablehq.config.js",
    "package.json",
    "package-lock.json",
    "scripts/offline-npm.js",
    "reports/style.css",
    "reports/methods.md",
    "reports/components",
  ])
    await cp(join(HERE, name), join(root, name), { recursive: true });
  await writeFile(join(root, "secret.txt"), "must never be published");
  const dataset = await writeDataset(root, hostile);
  await writeTrain(root, hostile, dataset);
  await writeEval(root, hostile);
  for (const verdict of ["go", "no-go", "inconclusive", "invalid"] as const)
    await writeDecision(root, hostile, verdict);
  return project;
}

async function put(root: string, path: string, text: string): Promise<void> {
  await mkdir(join(root, path, ".."), { recursive: true });
  await writeFile(join(root, path), text);
}

async function writeDataset(root: string, hostile: string): Promise<string> {
  const manifest = {
    schema: "workbench/dataset@1",
    name: "routing-sft",
    kind: "sft",
    definition: { name: hostile },
    definitionSha256: sha256("definition"),
    sources: [{ import: "0123456789ab", sha256: sha256("import"), rows: 1000 }],
    seed: 7,
    funnel: [
      { step: hostile, in: 1000, out: 930, removed: { [hostile]: 40, "too short": 30 } },
      { step: "exact dedup", in: 930, out: 900, removed: { duplicate: 30 } },
    ],
    splits: { train: 720, val: 90, test: 90 },
    contamination: {
      suites: [{ suite: hostile, sha256: sha256("suite"), items: 400 }],
      flagged: 3,
      removed: 3,
    },
    quality: { "task type coverage": 1, [hostile]: 0.93217, note: hostile },
    files: [],
    tools: {},
    clock: { at: AT, commit: null },
  };
  const digest = digestOf(manifest);
  await put(
    root,
    `datasets/routing-sft@${digest.slice(0, 12)}/manifest.json`,
    jsonText({ ...manifest, digest }),
  );
  return digest;
}

async function writeTrain(root: string, hostile: string, dataset: string): Promise<void> {
  const result = {
    schema: "workbench/train-result@1",
    run: "aaaaaaaaaaaa",
    recipe: hostile,
    method: "sft",
    lockSha256: sha256("lock"),
    dataset: { name: "routing-sft", digest: dataset },
    start: null,
    base: { model: hostile, sha256: sha256("base") },
    steps: 150,
    seconds: 31.2,
    costUsd: null,
    metrics: { trainLoss: 0.1234, perplexity: null, [hostile]: 1 },
    artifacts: [{ path: "artifacts/adapter.gguf", sha256: sha256("adapter"), bytes: 10 }],
    parity: { passed: true, checks: [{ name: "P1 token ids", passed: true, detail: hostile }] },
  };
  const lines = Array.from({ length: 150 }, (_, i) => ({
    seq: i,
    at: AT,
    kind: "train.step",
    key: `step:${i}`,
    data: {
      step: i + 1,
      loss: 3 * Math.exp(-i / 40) + 0.1,
      lr: 0.002 * (1 - i / 150),
      gradNorm: 1 / (1 + i / 50),
    },
  }));
  await put(root, "runs/aaaaaaaaaaaa/manifest.json", jsonText(runManifest("aaaaaaaaaaaa", "train", hostile)));
  await put(
    root,
    "runs/aaaaaaaaaaaa/recipe.lock.json",
    jsonText({ effective: { "optim.lr": 0.002, [hostile]: hostile } }),
  );
  await put(root, "runs/aaaaaaaaaaaa/metrics.jsonl", lines.map(jsonText).join(""));
  await put(root, "runs/aaaaaaaaaaaa/result.json", jsonText(result));
}

function runManifest(id: string, kind: string, name: string): unknown {
  return {
    schema: "workbench/run@1",
    id,
    kind,
    experiment: null,
    name,
    inputs: {},
    inputsSha256: digestOf({}),
    seed: 7,
    at: AT,
    host: { os: "linux-x64", cpus: 2, node: "v24.0.0" },
    code: { commit: null, dirty: null },
  };
}

const ITEMS = Array.from({ length: 300 }, (_, i) => sha256(`item ${i}`));

async function writeEval(root: string, hostile: string): Promise<void> {
  const rows = ["baseline", "candidate"].flatMap((arm) =>
    ITEMS.map((sampleId, i) => ({
      sampleId,
      label: `ticket-${i}`,
      arm,
      epoch: 1,
      status: "scored",
      input: { text: `${hostile} number ${i}` },
      expected: "billing",
      output: arm === "baseline" || i % 9 === 0 ? hostile : "billing",
      scores: { exact: { value: arm === "baseline" || i % 9 === 0 ? 0 : 1, reason: hostile } },
      success: arm !== "baseline",
      latencyMs: 12.5,
      ttftMs: null,
      inputTokens: 40,
      cachedTokens: 0,
      outputTokens: 9,
      costUsd: 0.000002,
      judgeCostUsd: null,
      servedModel: hostile,
      finishReason: "stop",
      slices: { queue: hostile },
      cluster: null,
      error: null,
    })),
  );
  const samples = rows.map(jsonText).join("");
  const arm = (name: string): unknown => ({
    arm: name,
    model: hostile,
    digest: sha256(name),
    run: name === "candidate" ? "aaaaaaaaaaaa" : null,
    prices: null,
  });
  const result = {
    schema: "workbench/eval-result@1",
    run: "bbbbbbbbbbbb",
    suite: { name: hostile, sha256: sha256("suite"), primary: "exact", slices: ["queue"] },
    arms: [arm("baseline"), arm("candidate")],
    scorers: [{ name: "exact", sha256: sha256("exact") }],
    planned: 600,
    done: 600,
    failed: 0,
    notRun: 0,
    reason: null,
    metrics: {
      baseline: { exact: 0, "latencyMs.p95": 12.5, costUsd: null },
      candidate: { exact: 0.88, "latencyMs.p95": 12.5, costUsd: 0.000002 },
    },
    files: [{ path: "samples.jsonl", sha256: sha256(samples), bytes: Buffer.byteLength(samples) }],
  };
  await put(root, "runs/bbbbbbbbbbbb/manifest.json", jsonText(runManifest("bbbbbbbbbbbb", "eval", hostile)));
  await put(root, "runs/bbbbbbbbbbbb/samples.jsonl", samples);
  await put(root, "runs/bbbbbbbbbbbb/result.json", jsonText(result));
}

function effect(metric: string, role: MetricEffect["role"], numbers: Partial<MetricEffect>): MetricEffect {
  return {
    metric,
    role,
    better: "higher",
    estimator: "tango@1",
    n: 300,
    dropped: 0,
    clusters: null,
    baseline: 0.6,
    candidate: 0.8,
    estimate: 0.2,
    lower: 0.14,
    upper: 0.26,
    level: 0.95,
    p: 1e-9,
    margin: 0,
    passed: true,
    nNeeded: null,
    refused: null,
    unit: metric.startsWith("latency") ? "ms" : "share",
    alpha: 0.025,
    rule: "not worse than −5 points",
    reading: null,
    harmReading: null,
    nNeededAsPlanned: null,
    nNeededAsSeen: null,
    slice: null,
    pAdjusted: null,
    ...numbers,
  };
}

async function writeDecision(root: string, hostile: string, verdict: Verdict): Promise<void> {
  const samples = { path: "runs/bbbbbbbbbbbb/samples.jsonl", role: "samples", rows: 600 };
  const { sha256: digest, bytes } = await digestOfFile(join(root, samples.path));
  const computed = {
    question: `${hostile} ${verdict}?`,
    policy: { name: "support-routing", sha256: sha256("policy") },
    evidence: [{ ...samples, sha256: digest, bytes }],
    baseline: { arm: "baseline", model: hostile, digest: sha256("baseline"), run: null },
    candidate: { arm: "candidate", model: hostile, digest: sha256("candidate"), run: "aaaaaaaaaaaa" },
    suite: hostile,
    health: [
      { check: "pairs", passed: true, detail: "300 of 300", code: "pairing-broken", severity: "invalid" },
      { check: hostile, passed: verdict !== "invalid", detail: hostile, code: "srm", severity: "invalid" },
    ],
    effects: [
      effect("exact", "primary", {}),
      effect("queue", "guardrail", {
        estimate: -0.14,
        lower: -0.175,
        upper: -0.105,
        margin: -0.05,
        passed: false,
      }),
      effect("latencyMs.p95", "guardrail", {
        better: "lower",
        baseline: 12,
        candidate: 13,
        estimate: 1,
        lower: -1,
        upper: 3,
        margin: 6,
      }),
      effect(hostile, "shown", {
        baseline: null,
        candidate: null,
        estimate: null,
        lower: null,
        upper: null,
        margin: null,
        passed: null,
        refused: hostile,
      }),
    ],
    slices: [{ slice: hostile, effects: [effect("exact", "slice", {})] }],
    flips: {
      fixed: 266,
      broken: 0,
      bothRight: 0,
      bothWrong: 34,
      worst: ITEMS.slice(0, 12).map((sampleId) => ({ sampleId, delta: -1 })),
    },
    cost: {
      baseline: armCost(0.002),
      candidate: armCost(null),
      reworkUsd: null,
      training: { usd: null, seconds: 31 },
      breakEvenRequests: "never",
      pricesSha256: null,
      notes: [hostile],
    },
    seed: 7,
    verdict,
    reasons: [hostile],
    sentence: `exact is up; ${hostile}`,
    flip: [hostile],
  };
  const id = digestOf(computed);
  const decision = {
    schema: "workbench/decision@1",
    id,
    computed,
    envelope: { at: AT, by: hostile, node: "v24.0.0", commit: null, logHead: null },
  };
  await put(
    root,
    `runs/${id.slice(0, 12)}/manifest.json`,
    jsonText(runManifest(id.slice(0, 12), "decision", verdict)),
  );
  await put(root, `runs/${id.slice(0, 12)}/result.json`, jsonText(decision));
}

function armCost(usdPerThousand: number | null): unknown {
  const none = { totalUsd: null, usdPerSuccess: null, allInUsdPerTask: null, judgeUsd: null };
  return { ...none, requests: 300, pricedRequests: 300, successes: 266, usdPerThousand };
}

async function digestOfFile(path: string): Promise<{ sha256: string; bytes: number }> {
  const { hashFile } = await import("../../store/hash.ts");
  return hashFile(path);
}
