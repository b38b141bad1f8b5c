import { join } from "node:path";
import { SampleRow, type ArmRef } from "../schema/run.ts";
import { DigestMap } from "../store/digest-map.ts";
import { eachLine } from "../store/each-line.ts";
import type { Effects } from "../store/effects.ts";
import { verifyFiles } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { makeBlocks } from "./blocks.ts";
import { findRun } from "./list.ts";
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
  // Read once for all arms, and not before one of them is opened.
  let opened: Promise<Rows> | null = null;
  const rows = (): Promise<Rows> => (opened ??= rowsIn(join(folder, "samples.jsonl"), effects));
  return Object.fromEntries(result.arms.map((arm) => [arm.arm, armOf(rows, { id, arm })]));
}

function armOf(
  rows: () => Promise<Rows>,
  { id, arm }: { readonly id: string; readonly arm: ArmRef },
): Recorded {
  const { arm: name, digest, model, run, prices } = arm;
  return {
    kind: "recorded",
    from: `runs/${id} ${name}`,
    of: { model, run, prices },
    open: async () => {
      const find = await rows();
      return {
        sha256: digest,
        lookup: async (sample, epoch) => {
          const row = await find(placeName({ arm: name, sampleId: sample.id, epoch }));
          return row === null || row.output === null ? null : answerOf(row, row.output);
        },
      };
    },
  };
}

type Rows = (place: string) => Promise<SampleRow | null>;

/** Where each row stands in a run's file: it is read when it is asked for, so no answer is held. */
async function rowsIn(path: string, effects: Effects): Promise<Rows> {
  const places = new DigestMap();
  await eachLine(
    path,
    (line, offset) => {
      const row = JSON.parse(line.toString("utf8")) as Pick<SampleRow, "arm" | "sampleId" | "epoch">;
      places.set(placeName(row), offset, line.length);
    },
    effects,
  );
  const blocks = makeBlocks(path, effects);
  return async (place) => {
    const [offset, bytes] = places.get(place) ?? [0, 0];
    if (bytes === 0) return null;
    return SampleRow.parse(JSON.parse((await blocks.read(offset, bytes)).toString("utf8")));
  };
}

const placeName = ({ arm, sampleId, epoch }: Pick<SampleRow, "arm" | "sampleId" | "epoch">): string =>
  `${sampleId} ${epoch} ${arm}`;

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
