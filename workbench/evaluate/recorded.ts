import { WorkbenchError } from "../errors/error.ts";
import type { ToolCall } from "../endpoint/client.ts";
import { quoted } from "../errors/printable.ts";
import { canonical, sha256 } from "../schema/canonical.ts";
import type { Effects } from "../store/effects.ts";
import { hashFile } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { openKeyedRows } from "./keyed-rows.ts";
import { digestible } from "./scorers/define.ts";
import { memberAt } from "./scorers/json.ts";
import { dataPath } from "./source.ts";
import type { Sample } from "./types.ts";

/** A dotted path into a recorded row, or a function of it. */
export type Field = string | ((row: never) => unknown);

export interface RecordedOptions {
  /** The answer's text. */
  readonly output: Field;
  /** The calls it made: a list of `{name, arguments}`. */
  readonly toolCalls?: Field;
  /** What the row shares with its sample. Default: the row's `id` against the sample's label. */
  readonly key?: Field;
  readonly sampleKey?: (sample: never) => unknown;
  /** Which repeat this is, from 1. Default: 1. */
  readonly epoch?: Field;
  /** Further columns that scorers read, by name. */
  readonly columns?: Readonly<Record<string, Field>>;
  readonly latencyMs?: Field;
  readonly inputTokens?: Field;
  readonly outputTokens?: Field;
  readonly costUsd?: Field;
}

/** One recorded answer. Numbers that were not recorded are null, never 0. */
export interface RecordedAnswer {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly columns: Readonly<Record<string, unknown>>;
  readonly latencyMs: number | null;
  readonly ttftMs: number | null;
  readonly inputTokens: number | null;
  readonly cachedTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  readonly servedModel: string | null;
  readonly finishReason: string | null;
}

/** A call that failed when it was recorded: an error, not an answer. */
export interface RecordedFailure {
  readonly failed: string;
}

export type Lookup = (sample: Sample, epoch: number) => Found | Promise<Found>;
type Found = RecordedAnswer | RecordedFailure | null;

/** An arm whose answers exist already; no model is called. */
export interface Recorded {
  readonly kind: "recorded";
  readonly from: string;
  /** The model that gave the answers, where that is known. */
  readonly of?: { readonly model: string; readonly run: string | null; readonly prices: unknown };
  readonly open: (
    project: Project,
    effects: Effects,
  ) => Promise<{ readonly sha256: string; readonly lookup: Lookup }>;
}

/**
 * Answers from a `.json`, `.jsonl` or gzipped file, matched to samples by a key, never by position.
 * @throws WB_SUITE_INVALID where two rows answer the same sample and epoch.
 * Worked value: `recorded("answers.jsonl", {output: "solution", key: "question", sampleKey: (s) => s.input})`.
 */
export function recorded(path: string, options: RecordedOptions): Recorded {
  const sampleKey = (options.sampleKey ?? ((sample: Sample) => sample.label)) as (sample: Sample) => unknown;
  return {
    kind: "recorded",
    from: path,
    open: async (project, effects) => {
      const at = dataPath(path, project, effects);
      const epochOf = (row: unknown): number => numberAt(row, options.epoch) ?? 1;
      const keys = {
        of: (row: unknown) => [keyOf(fieldOf(row, options.key ?? "id"), epochOf(row))],
        again: (_: string, row: unknown, place: number) => {
          throw twice(path, place, epochOf(row));
        },
      };
      const rows = await openKeyedRows(at, keys, effects);
      const file = (await hashFile(at, effects)).sha256;
      return {
        sha256: sha256(canonical({ file, options: digestible(options) })),
        lookup: async (sample, epoch) => {
          const row = await rows.find(keyOf(sampleKey(sample), epoch));
          return row === null ? null : answerOf(row, options);
        },
      };
    },
  };
}

function answerOf(row: unknown, options: RecordedOptions): RecordedAnswer {
  const text = fieldOf(row, options.output);
  return {
    text: typeof text === "string" ? text : text === null || text === undefined ? "" : canonical(text),
    toolCalls: callsIn(options.toolCalls === undefined ? null : fieldOf(row, options.toolCalls)),
    columns: Object.fromEntries(
      Object.entries(options.columns ?? {}).map(([name, field]) => [name, fieldOf(row, field) ?? null]),
    ),
    latencyMs: numberAt(row, options.latencyMs),
    ttftMs: null,
    inputTokens: numberAt(row, options.inputTokens),
    cachedTokens: null,
    outputTokens: numberAt(row, options.outputTokens),
    costUsd: numberAt(row, options.costUsd),
    servedModel: null,
    finishReason: null,
  };
}

/** Arguments are kept as the text that a model would have written. */
function callsIn(value: unknown): readonly ToolCall[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((call: unknown) => {
    const name = memberAt(call, "name");
    const given = memberAt(call, "arguments") ?? {};
    if (typeof name !== "string") return [];
    return [{ id: null, name, argumentsText: typeof given === "string" ? given : canonical(given) }];
  });
}

function fieldOf(row: unknown, field: Field): unknown {
  return typeof field === "string" ? memberAt(row, field) : field(row as never);
}

function numberAt(row: unknown, field: Field | undefined): number | null {
  const value = field === undefined ? null : fieldOf(row, field);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

const keyOf = (key: unknown, epoch: number): string => sha256(canonical([key ?? null, epoch]));

function twice(path: string, place: number, epoch: number): WorkbenchError {
  return new WorkbenchError({
    code: "WB_SUITE_INVALID",
    where: `${path}:${place}`,
    what: `a second recorded answer for the same sample and epoch ${quoted(epoch)}`,
    why: "which of the two is the answer cannot be known",
    fix: "give `key` and `epoch` so that each row is its own, or remove one of the rows",
  });
}
