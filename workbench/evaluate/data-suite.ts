import { z } from "zod";
import { WorkbenchError } from "../errors/error.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { chat } from "./chat.ts";
import { readRows, type Row } from "./read-rows.ts";
import { atLeast, max, mean, median, mode, passAt, passHat } from "./reduce.ts";
import { defineScorer, unscored } from "./scorers/define.ts";
import { memberAt } from "./scorers/json.ts";
import { namedScorer } from "./scorers/registry.ts";
import { parseRows, plainItem, type DataSource } from "./source.ts";
import { suite, type Suite } from "./suite.ts";
import type { Reducer, Sample, Scorer } from "./types.ts";

/** How a golden set's file ends: its first line is a suite, the others are its rows. */
export const DATA_SUITE = ".suite.jsonl";

const Prompt = z.string().max(100_000);
const Arm = z.string().min(1).max(200);
const K = z.number().int().min(1).max(1000);
const NamedReducer = z.union([
  z.enum(["mean", "median", "mode", "max"]),
  z.strictObject({ use: z.enum(["atLeast", "passAt", "passHat"]), k: K }),
]);
type NamedReducer = z.infer<typeof NamedReducer>;

/** The header line. A closed list: nothing in it is code, a path or a pattern. */
export const SuiteHeader = z.strictObject({
  schema: z.literal("workbench/suite@1"),
  arms: z.strictObject({
    baseline: Arm.exactOptional(),
    candidate: z.union([Arm, z.record(z.string(), Arm)]).exactOptional(),
  }),
  system: Prompt.exactOptional(),
  /** `{field}` of the row's input is put in literally, once: what is put in is not read again. */
  prompt: Prompt,
  maxTokens: z.number().int().positive().exactOptional(),
  temperature: z.number().min(0).max(2).exactOptional(),
  json: z.boolean().exactOptional(),
  scorers: z
    .array(z.union([z.string(), z.looseObject({ use: z.string() })]))
    .min(1)
    .max(50),
  primary: z.string().exactOptional(),
  slices: z.array(z.string()).max(50).exactOptional(),
  cluster: z.string().exactOptional(),
  epochs: z
    .strictObject({ count: K, reduce: z.record(z.string(), z.array(NamedReducer).min(1)).exactOptional() })
    .exactOptional(),
  truncated: z.enum(["score", "unscored"]).exactOptional(),
  seed: z.number().int().exactOptional(),
  budget: z
    .strictObject({
      usd: z.number().positive().exactOptional(),
      judgeUsd: z.number().positive().exactOptional(),
      hours: z.number().positive().exactOptional(),
    })
    .exactOptional(),
});
export type SuiteHeader = z.infer<typeof SuiteHeader>;

/**
 * A suite out of a JSONL golden set. Rows are `{id, input, expected, …}` and may name in `scorers`
 * which of the header's scorers are for them; the others leave them unscored.
 * @throws WB_SUITE_INVALID with the place of what is wrong.
 */
export async function dataSuite(
  { name, file, path }: { readonly name: string; readonly file: string; readonly path: string },
  effects: Effects,
): Promise<Suite> {
  const header = headerOf(await firstRow(path, effects), file);
  const { arms, system, prompt, maxTokens, temperature, json, scorers, epochs, ...rest } = header;
  const made = scorers.map((asked) => namedScorer(asked, `${file}:1`));
  const parameters = {
    ...(system === undefined ? {} : { system }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(json === undefined ? {} : { json }),
  };
  const task = chat({ ...parameters, user: (sample: Sample) => filledPrompt(prompt, sample.input).text });
  const plan = { chat: 1, temperature: 0, ...parameters, prompt };
  const { schema: _, ...more } = rest;
  return suite(name, {
    ...more,
    arms: arms,
    data: rowsOf(file, path, { prompt, metrics: made.map(({ metric }) => metric) }),
    task: Object.assign(task, { plan }),
    scorers: made.map(onlyWhereNamed),
    ...(epochs === undefined
      ? {}
      : { epochs: { count: epochs.count, reduce: reducers(epochs.reduce ?? {}) } }),
  });
}

async function firstRow(path: string, effects: Effects): Promise<unknown> {
  for await (const { value } of readRows(path, effects)) return value;
  return null;
}

function headerOf(value: unknown, file: string): SuiteHeader {
  const parsed = SuiteHeader.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new WorkbenchError({
    code: "WB_SUITE_INVALID",
    where: `${file}:1`,
    what: `the header line: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`,
    fix: 'begin with {"schema":"workbench/suite@1","arms":{…},"prompt":"… {text}","scorers":["exact"]}',
  });
}

const FIELD = /\{([A-Za-z_][\w.]*)\}/g;

/**
 * A prompt with the fields of an input. `{input}` is an input that is a text itself. What has no
 * such field is told, not left empty.
 * Worked value: `filledPrompt("Say {word}.", {word: "{word}"})` is `{text: "Say {word}.", missing: []}`.
 */
export function filledPrompt(
  prompt: string,
  input: unknown,
): { readonly text: string; readonly missing: readonly string[] } {
  const missing: string[] = [];
  const text = prompt.replace(FIELD, (_, field: string) => {
    const value = field === "input" && typeof input === "string" ? input : memberAt(input, field);
    if (value === undefined) missing.push(field);
    return typeof value === "string" ? value : JSON.stringify(value ?? null);
  });
  return { text, missing };
}

interface RowRules {
  readonly prompt: string;
  readonly metrics: readonly string[];
}

function rowsOf(from: string, path: string, rules: RowRules): DataSource<unknown, unknown> {
  const rows = async function* (effects: Effects): AsyncIterable<Row> {
    for await (const row of readRows(path, effects)) {
      if (row.index === 0) continue;
      const wrong = row.value instanceof Error ? null : flawOf(row.value, rules);
      yield wrong === null ? row : { ...row, value: new Error(wrong) };
    }
  };
  return { kind: "data", from, open: (_: Project, effects) => parseRows(rows(effects), {}, from) };
}

function flawOf(value: unknown, { prompt, metrics }: RowRules): string | null {
  const item = plainItem(value);
  if (!item) return "a row needs an `input`";
  const [missing] = filledPrompt(prompt, item.input).missing;
  if (missing !== undefined) return `the prompt asks for {${missing}}, and the row's input has none`;
  const own = z.array(z.string()).optional().safeParse(item.metadata?.["scorers"]);
  if (!own.success) return "`scorers` of a row is a list of names";
  const unknown = own.data?.find((metric) => !metrics.includes(metric));
  return unknown === undefined ? null : `the header has no scorer ${JSON.stringify(unknown)}`;
}

/** A scorer that leaves alone the rows which name others. */
function onlyWhereNamed(scorer: Scorer): Scorer {
  const { metric, version, args, threshold } = scorer;
  const spec = { name: `named:${metric}`, version, args: { args, of: scorer.sha256 }, threshold };
  const wrapped = defineScorer({ ...spec, options: { as: metric } }, (it, context) => {
    const own = it.metadata?.["scorers"];
    if (Array.isArray(own) && !own.includes(metric)) return unscored("the row names other scorers");
    return scorer(it, context);
  });
  const { corpus, judge, labelValue, comparesArms } = scorer;
  return Object.assign(wrapped, {
    ...(corpus && { corpus }),
    ...(judge !== undefined && { judge }),
    ...(comparesArms === true && { comparesArms }),
    ...(labelValue && { labelValue }),
  });
}

const PLAIN = { mean, median, mode, max } as const;
const OF_K = { atLeast, passAt, passHat } as const;

function reducers(
  named: Readonly<Record<string, readonly NamedReducer[]>>,
): Record<string, readonly Reducer[]> {
  const make = (one: NamedReducer): Reducer =>
    typeof one === "string" ? PLAIN[one]() : OF_K[one.use](one.k);
  return Object.fromEntries(Object.entries(named).map(([metric, list]) => [metric, list.map(make)]));
}
