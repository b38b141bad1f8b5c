import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { evaluate } from "../../workbench/evaluate/evaluate.ts";
import { loadSuite } from "../../workbench/evaluate/load.ts";
import { resolveArms } from "../../workbench/flow/arms.ts";
import { SampleRow } from "../../workbench/schema/run.ts";
import { loadConfig } from "../../workbench/store/config.ts";
import { realEffects } from "../../workbench/store/effects.ts";
import { projectAt } from "../../workbench/store/paths.ts";

export const project = projectAt(resolve(import.meta.dirname, "../.."));

/** Where the published recordings lie; they are not part of the project. */
export const recordings = process.env["WORKBENCH_REAL_DATA"] ?? resolve(project.root, "../shared/data");

export interface RecordedRun {
  readonly id: string;
  readonly rows: readonly SampleRow[];
}

/** Scores a suite of `evals/real-data` over its recorded answers; no model is called. */
export async function evaluateRecorded(name: string): Promise<RecordedRun> {
  const config = await loadConfig(project);
  const { suite, fileSha256 } = await loadSuite(project, name, realEffects);
  const { arms, close } = await resolveArms({ project, config, sources: suite.arms });
  const { id } = await evaluate({ project, suite, fileSha256, arms }).finally(close);
  const text = await readFile(join(project.runs, id, "samples.jsonl"), "utf8");
  const lines = text.trimEnd().split("\n");
  return { id, rows: lines.map((line) => SampleRow.parse(JSON.parse(line))) };
}
