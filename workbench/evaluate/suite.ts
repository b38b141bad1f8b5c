import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { digestOf } from "../schema/canonical.ts";
import { Name } from "../schema/names.ts";
import { digestible } from "./scorers/define.ts";
import { mean } from "./reduce.ts";
import type { Recorded } from "./recorded.ts";
import type { DataSource } from "./source.ts";
import type { Reducer, Sample, Scorer, Task } from "./types.ts";

/** What a run may spend. Stored answers cost nothing. */
export interface BudgetLimits {
  /** US dollars of calls that this run makes. */
  readonly usd?: number;
  /** US dollars of calls to models that score: at the limit answers stay unscored, and the run goes on. */
  readonly judgeUsd?: number;
  /** Hours of this process; calls in flight then end as they would. */
  readonly hours?: number;
}

/** A model's name in workbench.config.yaml, or answers that were recorded elsewhere. */
export type ArmSource = string | Recorded;

/** A name of a field (looked up in metadata, input, expected), or a function. */
export type Pick<I, E> = (sample: Sample<I, E>) => string | null | undefined;

export interface SuiteDefinition<I, E> {
  /** One candidate, or several by name; each is paired with the one baseline. */
  readonly arms: {
    readonly baseline?: ArmSource;
    readonly candidate?: ArmSource | Readonly<Record<string, ArmSource>>;
  };
  readonly data: DataSource<I, E>;
  /** Not needed where every arm is recorded. */
  readonly task?: Task<I, E>;
  readonly scorers: readonly Scorer[];
  /** Repeats of each sample. The first reducer of a scorer gives its score, further ones extra metrics. */
  readonly epochs?: {
    readonly count: number;
    readonly reduce?: Readonly<Record<string, Reducer | readonly Reducer[]>>;
  };
  /** The metric a decision rests on. Default: the first scorer's. */
  readonly primary?: string;
  readonly slices?: readonly string[] | Readonly<Record<string, Pick<I, E>>>;
  /** Samples that are not independent share a cluster: a conversation, a user, a task. */
  readonly cluster?: string | Pick<I, E>;
  /** What `finishReason: length` means for an answer that was cut off. Default: it is scored as it is. */
  readonly truncated?: "score" | "unscored";
  /** Order of the samples. Default 0. */
  readonly seed?: number;
  /** What a run may spend; at the limit it ends valid and partial. `usd` needs prices and maxTokens. */
  readonly budget?: BudgetLimits;
}

/** A checked suite, as the runner takes it. Types of input and expected end here. */
export interface Suite {
  readonly kind: "suite";
  readonly name: string;
  readonly arms: Readonly<Record<string, ArmSource>>;
  readonly data: DataSource<unknown, unknown>;
  readonly task: Task | null;
  readonly scorers: readonly Scorer[];
  readonly epochs: number;
  readonly reducers: (metric: string) => readonly Reducer[];
  readonly primary: string;
  readonly slices: Readonly<Record<string, Pick<unknown, unknown>>>;
  readonly cluster: Pick<unknown, unknown> | null;
  readonly truncated: "score" | "unscored";
  readonly seed: number;
  readonly budget: BudgetLimits;
  /** Digest of all that the definition says, functions by their text. */
  readonly sha256: string;
}

/**
 * Declares what is measured. A `*.eval.ts` file exports one as its default.
 * @throws WB_SUITE_INVALID where names clash, a metric is unknown or there is nothing to answer with.
 */
export function suite<I, E>(name: string, definition: SuiteDefinition<I, E>): Suite {
  const invalid = (what: string, fix: string): WorkbenchError =>
    new WorkbenchError({ code: "WB_SUITE_INVALID", where: `suite ${quoted(name)}`, what, fix });
  if (!Name.safeParse(name).success) throw invalid("this is no name for a suite", "use a-z, 0-9 and -");
  const metrics = definition.scorers.map(({ metric }) => metric);
  if (metrics.length === 0) throw invalid("there are no scorers", "add one, for instance exact()");
  const twice = metrics.find((metric, i) => metrics.indexOf(metric) !== i);
  if (twice !== undefined)
    throw invalid(`two scorers are named ${quoted(twice)}`, 'name one of them with {as: "…"}');
  const reserved = metrics.find((metric) => metric.includes(".") || RESERVED.has(metric));
  if (reserved !== undefined)
    throw invalid(`a scorer cannot be named ${quoted(reserved)}`, 'name it with {as: "…"}');
  const primary = definition.primary ?? metrics[0] ?? "";
  if (!metrics.includes(primary))
    throw invalid(`the primary ${quoted(primary)} is no scorer`, `name one of ${metrics.join(", ")}`);
  const count = definition.epochs?.count ?? 1;
  if (!Number.isSafeInteger(count) || count < 1)
    throw invalid(`epochs.count must be a whole number from 1, got ${count}`, "count: 1");
  const arms = armsOf(definition.arms);
  if (Object.values(arms).some((arm) => typeof arm === "string") && !definition.task)
    throw invalid("an arm is a model, but there is no task", "add task: chat({ user: … })");
  return {
    kind: "suite",
    name,
    arms,
    data: definition.data,
    task: (definition.task as Task | undefined) ?? null,
    scorers: definition.scorers,
    epochs: count,
    reducers: (metric) => reducersOf(definition.epochs?.reduce, metric),
    primary,
    slices: picksOf(definition.slices ?? []),
    cluster: definition.cluster === undefined ? null : pickOf(definition.cluster as string),
    truncated: definition.truncated ?? "score",
    seed: definition.seed ?? 0,
    budget: definition.budget ?? {},
    sha256: digestOf({
      suite: name,
      ...(digestible({ ...definition, arms: null, budget: undefined }) as object),
    }),
  };
}

/** What rows and results call other things; a metric of that name could not be told apart. */
const RESERVED = new Set([
  "success",
  "latencyMs",
  "ttftMs",
  "inputTokens",
  "cachedTokens",
  "outputTokens",
  "costUsd",
  "judgeCostUsd",
  "errorRate",
]);

function armsOf(arms: SuiteDefinition<unknown, unknown>["arms"]): Readonly<Record<string, ArmSource>> {
  const { baseline, candidate } = arms;
  const single = typeof candidate === "string" || isRecorded(candidate);
  return {
    ...(baseline === undefined ? {} : { baseline }),
    ...(candidate === undefined ? {} : single ? { candidate } : candidate),
  };
}

export function isRecorded(source: unknown): source is Recorded {
  return typeof source === "object" && source !== null && "kind" in source && source.kind === "recorded";
}

function reducersOf(
  reduce: Readonly<Record<string, Reducer | readonly Reducer[]>> | undefined,
  metric: string,
): readonly Reducer[] {
  const own = reduce?.[metric] ?? reduce?.["default"] ?? mean();
  return typeof own === "function" ? [own] : own;
}

function picksOf(
  slices: readonly string[] | Readonly<Record<string, unknown>>,
): Readonly<Record<string, Pick<unknown, unknown>>> {
  if (!Array.isArray(slices)) return slices as Readonly<Record<string, Pick<unknown, unknown>>>;
  return Object.fromEntries((slices as readonly string[]).map((name) => [name, pickOf(name)]));
}

function pickOf(pick: string | Pick<unknown, unknown>): Pick<unknown, unknown> {
  if (typeof pick !== "string") return pick;
  return ({ metadata, input, expected }) => {
    for (const place of [metadata, input, expected]) {
      if (typeof place !== "object" || place === null || !Object.hasOwn(place, pick)) continue;
      const value = (place as Record<string, unknown>)[pick];
      return typeof value === "string" ? value : JSON.stringify(value);
    }
    return null;
  };
}
