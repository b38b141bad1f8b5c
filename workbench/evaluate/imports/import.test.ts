import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateRawSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { realEffects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { evaluate } from "../evaluate.ts";
import { imported, importedItems } from "../imported.ts";
import { exact } from "../scorers/exact.ts";
import { recordedScore } from "../scorers/recorded-score.ts";
import { suite } from "../suite.ts";
import { tempProject } from "../testing/project.ts";
import { importResults, type ImportDone } from "./import.ts";
import { pythonJson } from "./row.ts";
import { zipMembers } from "./zip.ts";

interface Member {
  readonly name: string;
  readonly data: Buffer;
  readonly method: number;
}

/** A zip archive; sizes and CRC of the uncompressed data are left 0, as the reader trusts neither. */
function zip(members: readonly Member[]): Buffer {
  const [locals, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const { name, data, method } of members) {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), data);
    directory.push(central, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}

const hash = "0123456789abcdef0123456789abcdef";
const sample = (id: number, epoch: number, more: object = {}) => ({
  id,
  epoch,
  input: `question ${id}`,
  target: "yes",
  output: {
    choices: [{ message: { content: [{ type: "text", text: `attachment://${hash}` }] } }],
    time: 1.5,
  },
  scores: { accuracy: { value: epoch === 1 ? "C" : "P" }, parts: { value: { a: true, b: "long text" } } },
  model_usage: { m: { input_tokens: 10, output_tokens: 2 } },
  attachments: { [hash]: "yes" },
  error: null,
  ...more,
});

async function importText(project: Project, name: string, data: string | Buffer, select?: string) {
  const file = join(project.root, name);
  await writeFile(file, data);
  return importResults({ project, file, arm: "candidate", select: select ?? null }, realEffects);
}
const rowsOf = async (project: Project, { path }: ImportDone): Promise<readonly Record<string, unknown>[]> =>
  (await readFile(join(project.root, path), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("Inspect .eval: zstd, deflate and stored members, attachments, grades, errors", async () => {
  const project = await tempProject();
  const failed = sample(2, 1, { error: { message: "boom" }, scores: null, output: null });
  const json = (value: object): Buffer =>
    Buffer.from(JSON.stringify(value).replace('"time":1.5', '"time":NaN'));
  const archive = zip([
    { name: "header.json", data: Buffer.from("{}"), method: 0 },
    { name: "samples/1_epoch_1.json", data: zstdCompressSync(JSON.stringify(sample(1, 1))), method: 93 },
    { name: "samples/1_epoch_2.json", data: deflateRawSync(json(sample(1, 2))), method: 8 },
    { name: "samples/2_epoch_1.json", data: json(failed), method: 0 },
  ]);
  const done = await importText(project, "log.eval", archive);
  expect(done).toMatchObject({ tool: "inspect", rows: 3, failed: 1 });
  const rows = await rowsOf(project, done);
  expect(rows[0]).toMatchObject({
    id: "1",
    output: "yes",
    scores: { accuracy: 1, "parts/a": 1, "parts/b": null },
    latencyMs: 1500,
    inputTokens: 10,
    costUsd: null,
  });
  expect(rows[1]).toMatchObject({ epoch: 2, scores: { accuracy: 0.5 }, latencyMs: null });
  expect(rows[2]).toMatchObject({ output: null, error: "boom", scores: {} });
});

test("an archive that expands more than 100-fold is refused, and a cut one is told", async () => {
  const project = await tempProject();
  for (const [method, pack] of [
    [93, zstdCompressSync],
    [8, deflateRawSync],
  ] as const) {
    const bomb = zip([{ name: "samples/1_epoch_1.json", data: pack(Buffer.alloc(1 << 22)), method }]);
    await expect(importText(project, "bomb.eval", bomb)).rejects.toThrow(/100 times/);
  }
  const whole = zip([{ name: "samples/a.json", data: Buffer.from("{}"), method: 0 }]);
  await expect(importText(project, "cut.eval", whole.subarray(0, 40))).rejects.toMatchObject({
    code: "WB_SOURCE_INVALID",
  });
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      const bent = Buffer.from(whole);
      bent[at] = byte;
      try {
        for (const member of zipMembers(bent)) member.text();
      } catch (error) {
        expect((error as Error).name).toBe("ZipError");
      }
    }),
    { numRuns: 300 },
  );
});

const result = (testIdx: number, provider: string, more: object = {}) => ({
  testIdx,
  promptIdx: 0,
  provider: { id: provider },
  vars: { q: `q${testIdx}` },
  response: { output: { answer: testIdx }, tokenUsage: { prompt: 5, completion: 1 } },
  failureReason: 0,
  score: 1,
  namedScores: { tone: 0.5 },
  latencyMs: 20,
  cost: 0.001,
  ...more,
});
const promptfoo = (rows: readonly object[]): string =>
  JSON.stringify({ results: { stats: { successes: 99 }, results: rows } });

test("promptfoo: an error is no wrong answer, an arm is one provider, a testIdx comes once", async () => {
  const project = await tempProject();
  const rows = [
    result(0, "a"),
    result(1, "a", { failureReason: 1, score: 0 }),
    result(2, "a", { failureReason: 2, error: "429", response: null }),
    result(0, "b", { response: { output: "hit", cached: true } }),
  ];
  await expect(importText(project, "p.json", promptfoo(rows))).rejects.toThrow(/--select: a#0, b#0/);
  const done = await importText(project, "p.json", promptfoo(rows), "a");
  expect(done).toMatchObject({ rows: 3, failed: 1, scores: ["score", "tone"] });
  expect(await rowsOf(project, done)).toMatchObject([
    { output: '{"answer":0}', scores: { score: 1, tone: 0.5 }, latencyMs: 20, costUsd: 0.001 },
    { error: null, scores: { score: 0 } },
    { output: null, error: "429", scores: {} },
  ]);
  const hit = await importText(project, "p.json", promptfoo(rows), "b");
  expect(await rowsOf(project, hit)).toMatchObject([{ output: "hit", latencyMs: null }]);
  await expect(importText(project, "p.json", promptfoo([rows[0]!, rows[0]!]))).rejects.toThrow(/comes twice/);
});

const line = (doc: number, filter: string, more: object = {}) => ({
  doc_id: doc,
  doc: { question: `q${doc}` },
  target: "4",
  resps: [["so 4"]],
  filtered_resps: ["4"],
  filter,
  metrics: ["exact_match"],
  exact_match: 1,
  ...more,
});
const jsonl = (lines: readonly object[]): string => lines.map((one) => JSON.stringify(one)).join("\n");

test("lm-evaluation-harness: a line for each filter; log-likelihoods have no text", async () => {
  const project = await tempProject();
  const lines = [
    line(0, "strict"),
    line(0, "flexible"),
    line(1, "strict", { filtered_resps: ["5"], exact_match: 0 }),
  ];
  await expect(importText(project, "s.jsonl", jsonl(lines))).rejects.toThrow(/strict, flexible/);
  const done = await importText(project, "s.jsonl", jsonl(lines), "strict");
  expect(await rowsOf(project, done)).toMatchObject([
    { id: "0", output: "4", scores: { exact_match: 1 } },
    { id: "1", output: "5", scores: { exact_match: 0 } },
  ]);
  const choice = line(0, "none", {
    filtered_resps: [
      [-1.5, true],
      [-2, false],
    ],
    target: 0,
  });
  const silent = await importText(project, "s.jsonl", jsonl([choice]));
  expect(silent.notes[0]).toMatch(/1 rows hold log-probabilities/);
});

test("imported arms are paired, scored and kept apart from errors like any other", async () => {
  const project = await tempProject();
  const all = [result(0, "a"), result(1, "a", { failureReason: 2, error: "down", response: null })];
  const { path } = await importText(project, "p.json", promptfoo(all));
  const arm = imported(path);
  const own = suite("pf", {
    arms: { candidate: arm },
    data: importedItems(path),
    scorers: [recordedScore("tone"), exact({ at: "answer" })],
  });
  const arms = [{ kind: "recorded" as const, name: "candidate", model: "x", run: null, recorded: arm }];
  const { result: ran } = await evaluate({ project, suite: own, arms });
  expect(ran).toMatchObject({ done: 1, failed: 1 });
  expect(ran.metrics["candidate"]).toMatchObject({ tone: 0.5, "tone.n": 1, costUsd: 0.001, errorRate: 0.5 });
});

test("a file that is nothing known, and JSON as Python writes it", async () => {
  const project = await tempProject();
  await expect(importText(project, "x.json", "[1]")).rejects.toMatchObject({ code: "WB_FORMAT_UNKNOWN" });
  await expect(importText(project, "x.json", "{")).rejects.toMatchObject({ code: "WB_SOURCE_INVALID" });
  await expect(importText(project, "x.jsonl", "{}")).rejects.toThrow(/line 1: doc_id/);
  expect(pythonJson('{"a": NaN, "b": [-Infinity, "NaN \\" NaN"]}')).toEqual({
    a: null,
    b: [null, 'NaN " NaN'],
  });
});
