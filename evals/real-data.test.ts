import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { evaluate, type Evaluation } from "../workbench/evaluate/evaluate.ts";
import { loadSuite } from "../workbench/evaluate/load.ts";
import { isRecorded } from "../workbench/evaluate/suite.ts";
import { tempProject } from "../workbench/evaluate/testing/project.ts";
import { SampleRow } from "../workbench/schema/run.ts";
import { realEffects, type Effects } from "../workbench/store/effects.ts";
import { projectAt } from "../workbench/store/paths.ts";
import { requires } from "../workbench/testing/requires.ts";

const data = requires("real-data");
const home = projectAt(resolve(import.meta.dirname, ".."));

/** Published answers, scored by the suites as they are committed; runs go to a temporary project. */
async function scored(
  name: string,
): Promise<{ readonly done: Evaluation; readonly rows: readonly SampleRow[] }> {
  const effects: Effects = {
    ...realEffects,
    env: (variable) => (variable === "WORKBENCH_REAL_DATA" ? (data ?? undefined) : realEffects.env(variable)),
  };
  const { suite, fileSha256 } = await loadSuite(home, name, effects);
  const arms = Object.entries(suite.arms).map(([arm, recorded]) => {
    if (!isRecorded(recorded)) throw new Error(`${arm} is not recorded`);
    return { kind: "recorded" as const, name: arm, model: recorded.from, run: null, recorded };
  });
  const done = await evaluate({ project: await tempProject(), suite, fileSha256, arms }, effects);
  const text = await readFile(join(done.folder, "samples.jsonl"), "utf8");
  return {
    done,
    rows: text
      .trimEnd()
      .split("\n")
      .map((line) => SampleRow.parse(JSON.parse(line))),
  };
}

const round = (value: number | null | undefined, digits: number): number =>
  Number((value ?? NaN).toFixed(digits));

describe.skipIf(data === null)("published results come out as published", () => {
  test("gsm8k: right answers of four models, and each of 5 276 labels", async () => {
    const { done, rows } = await scored("gsm8k");
    const right = (arm: string) => rows.filter((row) => row.arm === arm && row.success === true).length;
    expect(done.result.arms.map(({ arm }) => [arm, right(arm)])).toEqual([
      ["6b_finetuning", 286],
      ["6b_verification", 515],
      ["175b_finetuning", 458],
      ["175b_verification", 742],
    ]);
    expect(rows).toHaveLength(5276);
    expect(rows.filter((row) => (row["columns"] as { labelled: boolean }).labelled !== row.success)).toEqual(
      [],
    );
    expect(done.result).toMatchObject({ failed: 0, notRun: 0 });
  });

  test("gsm8k: finetuning against verification, paired by question", async () => {
    const { rows } = await scored("gsm8k");
    const pairs = (size: string): readonly number[] => {
      const of = (arm: string) =>
        new Map(rows.filter((row) => row.arm === arm).map((row) => [row.sampleId, row.success === true]));
      const [first, second] = [of(`${size}_finetuning`), of(`${size}_verification`)];
      const counts = [0, 0, 0, 0];
      for (const [id, one] of first) {
        const other = second.get(id) === true;
        counts[one && other ? 0 : one ? 1 : other ? 2 : 3]! += 1;
      }
      return counts;
    };
    expect(pairs("6b")).toEqual([222, 64, 293, 740]);
    expect(pairs("175b")).toEqual([382, 76, 360, 501]);
  });

  test("alpaca-eval: win rates and their standard errors, over five sub-datasets", async () => {
    const { done, rows } = await scored("alpaca-eval");
    const { baseline, candidate } = done.result.metrics;
    expect([baseline?.["win"], baseline?.["win.se"]].map((share) => round((share ?? NaN) * 100, 3))).toEqual([
      9.178, 0.89,
    ]);
    expect(
      [candidate?.["win"], candidate?.["win.se"]].map((share) => round((share ?? NaN) * 100, 3)),
    ).toEqual([10.34, 0.936]);
    expect(new Set(rows.map(({ slices }) => slices["dataset"])).size).toBe(5);
    // More than half won is another metric than the mean preference.
    const won = (arm: string) =>
      rows.filter((row) => row.arm === arm && (row.scores["win"]?.value ?? 0) > 0.5).length;
    expect([won("baseline"), won("candidate")]).toEqual([64, 75]);
  });

  test("tau-bench: 84 of 200 trials of 50 tasks, reduced before the error is computed", async () => {
    const { done, rows } = await scored("tau-bench");
    expect(rows.filter(({ success }) => success === true)).toHaveLength(84);
    const metrics = done.result.metrics["gpt-4o"];
    expect(round(metrics?.["reward.se"], 3)).toBe(0.052);
    const series = (name: string) => [1, 2, 3, 4].map((k) => round(metrics?.[`reward.${name}${k}`], 3));
    expect(series("passHat")).toEqual([0.42, 0.273, 0.22, 0.2]);
    expect(series("passAt")).toEqual([0.42, 0.567, 0.66, 0.72]);
    expect(new Set(rows.map(({ cluster }) => cluster)).size).toBe(50);
  });
});
