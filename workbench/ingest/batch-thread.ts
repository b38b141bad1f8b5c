// A thread that reads batches of one source. It is told once how, and answers each batch in turn.
import { parentPort, workerData } from "node:worker_threads";
import { erasedBy } from "../redact/erased.ts";
import type { Stone } from "../redact/erased.ts";
import { makePolicy } from "../redact/policy.ts";
import type { PolicyOptions } from "../redact/policy.ts";
import type { BatchRead } from "./batch.ts";
import { batchReader } from "./batch.ts";
import type { Format, MappingSource } from "./formats/format.ts";
import type { Mapping } from "./formats/mapping.ts";
import { mappingFormat } from "./formats/mapping.ts";
import { FORMATS } from "./formats/registry.ts";
import type { Limits } from "./limits.ts";
import type { Packed } from "./pack-frames.ts";
import { unpacked } from "./pack-frames.ts";

/** What a thread's reader is made of; plain data. */
export interface Recipe {
  /** A format's name, or what a mapping file says. */
  readonly format: string | MappingSource;
  readonly policy: PolicyOptions;
  readonly key: Uint8Array;
  readonly limits: Limits;
  readonly stones: readonly Stone[];
  /** Where Node keeps what it has compiled; null when it keeps nothing. */
  readonly compileCache: string | null;
}

/** What it answers: what it read, or what went wrong, which is a bug of ours. */
export type Answer = { readonly read: BatchRead } | { readonly failed: unknown };

const recipe = workerData as Recipe;
const read = batchReader({
  format: formatOf(recipe.format),
  policy: makePolicy(recipe.policy),
  key: recipe.key,
  limits: recipe.limits,
  isErased: erasedBy(recipe.stones, recipe.key),
});

parentPort?.on("message", (batch: Packed) => {
  let answer: Answer;
  try {
    answer = { read: read(unpacked(batch)) };
  } catch (error) {
    answer = { failed: error };
  }
  parentPort?.postMessage(answer, "read" in answer ? memoryOf(answer.read) : []);
});

function formatOf(source: string | MappingSource): Format {
  if (typeof source !== "string") return mappingFormat(source.value as Mapping, source.sha256);
  const format = FORMATS.find(({ name }) => name === source);
  if (format === undefined) throw new Error(`no format is called ${source}`);
  return format;
}

/** What is handed over instead of copied. */
const memoryOf = ({ interactions, feedback }: BatchRead): ArrayBuffer[] =>
  [...interactions, ...feedback].flatMap(({ pieces }) => pieces.map(({ buffer }) => buffer as ArrayBuffer));
