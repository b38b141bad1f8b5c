import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { requires } from "../testing/requires.ts";
import type { CliOptions, CliOutcome } from "./testing/example-project.ts";
import { cli, exampleProject, killedLoop } from "./testing/example-project.ts";

const python = requires("python");
const KILLS = Number(process.env["WB_KILLS"] ?? 4);
const SEED = process.env["WB_SEED"] ?? String(process.pid);
const MINUTES = 60_000;

interface Loop {
  readonly fingerprint: string;
  readonly decisions: readonly {
    readonly run: string;
    readonly verdict: string;
    readonly sentence: string;
  }[];
  readonly evaluation: {
    readonly run: string;
    readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
  readonly steps: readonly { readonly name: string; readonly seconds: number; readonly reused: boolean }[];
}

describe.skipIf(python === null)("the loop, for real", () => {
  let options: CliOptions;
  let first: CliOutcome;
  let loop: Loop;
  beforeAll(async () => {
    options = { root: await exampleProject(), python: python ?? "" };
    first = await cli(["start", "--json"], options);
    expect(first.stderr + first.stdout.slice(0, 300), "the loop ended with an error").toContain(
      '{\n  "steps"',
    );
    loop = JSON.parse(first.stdout) as Loop;
  }, 20 * MINUTES);

  test("what improves is a go, and what loses a guardrail is a no-go although it wins the metric it was tuned for", () => {
    expect(first.code).toBe(0);
    expect(loop.decisions.map(({ verdict }) => verdict)).toEqual(["go", "go", "no-go"]);
    const metric = (arm: string, name: string): number => loop.evaluation.metrics[arm]?.[name] ?? NaN;
    expect(metric("tiny-dpo-lossy", "exact")).toBeGreaterThan(metric("tiny-sft", "exact"));
    expect(metric("tiny-dpo-lossy", "queue")).toBeLessThan(metric("tiny-sft", "queue") - 0.05);
    expect(loop.decisions[2]?.sentence).toMatch(/^queue is −.* the limit is "not worse than −5 points"/);
  });

  test("a second run changes nothing and takes less than 30 seconds", { timeout: 2 * MINUTES }, async () => {
    const again = await cli(["start", "--json"], options);
    const second = JSON.parse(again.stdout) as Loop;
    expect(second.fingerprint).toBe(loop.fingerprint);
    expect(second.decisions).toEqual(loop.decisions);
    // The report is always built anew, and deciding costs nothing; everything else was there.
    const done = second.steps.filter(({ reused }) => !reused).map(({ name }) => name);
    expect(done.filter((name) => !["decide", "report"].includes(name))).toEqual([]);
    expect(again.seconds).toBeLessThan(30);
  });

  test(
    "a verdict is recomputed from its evidence, bit-equal, and one changed byte of any of it is exit 6",
    { timeout: 5 * MINUTES },
    async () => {
      for (const { run } of loop.decisions) expect((await cli(["verify", run], options)).code).toBe(0);
      const run = loop.decisions[2]?.run ?? "";
      const record = JSON.parse(await readFile(join(options.root, "runs", run, "result.json"), "utf8")) as {
        computed: { evidence: readonly { path: string }[] };
      };
      expect(record.computed.evidence.length).toBeGreaterThanOrEqual(3);
      for (const { path } of record.computed.evidence) {
        const file = join(options.root, path);
        const whole = await readFile(file);
        const changed = Buffer.from(whole);
        const at = Math.floor(changed.length / 2);
        changed[at] = (changed[at] ?? 0) ^ 1;
        await writeFile(file, changed);
        expect((await cli(["verify", run], options)).code, path).toBe(6);
        await writeFile(file, whole);
      }
      expect((await cli(["verify", run], options)).code).toBe(0);
    },
  );

  test(
    "the catalog can be deleted: rebuilt, it gives the same answers",
    { timeout: 2 * MINUTES },
    async () => {
      const questions = [
        "select arm, count(*) n, sum(output_tokens) tokens from interactions group by all order by all",
        "select kind, count(*) n, sum(value) total from feedback group by all order by all",
        "select arm, count(*) n from samples group by all order by all",
        "select * from datasets order by all",
      ];
      const ask = async (): Promise<readonly string[]> =>
        Promise.all(
          questions.map(async (sql) => (await cli(["logs", "--sql", sql, "--json"], options)).stdout),
        );
      await cli(["index"], options);
      const before = await ask();
      expect(before.join("")).toContain("tiny-sft");
      await rm(join(options.root, ".workbench/catalog.duckdb"));
      expect((await cli(["index", "--rebuild"], options)).code).toBe(0);
      expect(await ask()).toEqual(before);
    },
  );

  test(
    `killed ${KILLS} times at random moments (WB_SEED=${SEED}), it ends in the same results`,
    { timeout: 30 * MINUTES },
    async () => {
      const other = { ...options, root: await exampleProject() };
      const { last, killed } = await killedLoop(other, KILLS, SEED);
      // A machine fast enough to finish between two kills may be struck fewer times, but never not at all.
      expect(killed.length).toBeGreaterThan(0);
      expect(last.code, `killed after ${killed.join(", ")} ms\n${last.stderr}`).toBe(0);
      expect((JSON.parse(last.stdout) as Loop).fingerprint).toBe(loop.fingerprint);
      // Nothing half-made is left where finished things lie.
      for (const folder of ["runs", "datasets"])
        expect((await readdir(join(other.root, folder))).filter((name) => /tmp/.test(name))).toEqual([]);
    },
  );
});
