import { join } from "node:path";
import { SampleRow, type ArmRef } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import { verifyFiles } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { findRun } from "./list.ts";
import { readRows } from "./read-rows.ts";
import type { Recorded, RecordedAnswer } from "./recorded.ts";

/**
 * The arms of a finished run as recorded answers, so that a suite with other scorers can score them
 * without calling a model. Latency, tokens and cost stay those of the first time.
 */
export async function storedOutputs(
  project: Project,
  run: string,
  effects: Effects,
): Promise<Readonly<Record<string, Recorded>>> {
  const { id, folder, result } = await findRun(project, run, effects);
  await verifyFiles(folder, result.files, effects);
  return Object.fromEntries(result.arms.map((arm) => [arm.arm, armOf(folder, id, arm)]));
}

function armOf(folder: string, id: string, { arm, digest, model, run, prices }: ArmRef): Recorded {
  return {
    kind: "recorded",
    from: `runs/${id} ${arm}`,
    of: { model, run, prices },
    open: async (_, effects) => {
      const answers = new Map<string, RecordedAnswer>();
      for await (const { value } of readRows(join(folder, "samples.jsonl"), effects)) {
        const row = SampleRow.parse(value);
        if (row.arm === arm && row.output !== null)
          answers.set(`${row.sampleId} ${row.epoch}`, answerOf(row, row.output));
      }
      return {
        sha256: digest,
        lookup: (sample, epoch) => answers.get(`${sample.id} ${epoch}`) ?? null,
      };
    },
  };
}

function answerOf(row: SampleRow, text: string): RecordedAnswer {
  const { latencyMs, ttftMs, inputTokens, cachedTokens, outputTokens, costUsd, servedModel, finishReason } =
    row;
  return {
    text,
    toolCalls: (row["toolCalls"] as RecordedAnswer["toolCalls"] | undefined) ?? [],
    columns: (row["columns"] as RecordedAnswer["columns"] | undefined) ?? {},
    latencyMs,
    ttftMs,
    inputTokens,
    cachedTokens,
    outputTokens,
    costUsd,
    servedModel,
    finishReason,
  };
}
