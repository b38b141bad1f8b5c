import { z } from "zod";
import { canonical } from "../../schema/canonical.ts";
import { ImportError, type Imported, type ImportedRow } from "./row.ts";

const Line = z.looseObject({
  doc_id: z.union([z.number(), z.string()]),
  doc: z.unknown(),
  target: z.unknown(),
  filtered_resps: z.array(z.unknown()),
  filter: z.string().default("none"),
  metrics: z.array(z.string()).default([]),
});
type Line = z.infer<typeof Line>;

/**
 * lm-evaluation-harness `samples_*.jsonl`: a line for each sample and filter, so a filter is an arm.
 * Tasks that compare log-likelihoods have no text: their answer is empty and their metrics are kept.
 */
export function fromLmEval(values: readonly unknown[], only: string | null): Imported {
  const lines = values.map((value, i) => {
    const parsed = Line.safeParse(value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new ImportError(`line ${i + 1}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`);
  });
  const filters = [...new Set(lines.map(({ filter }) => filter))];
  const chosen = only === null ? filters : filters.filter((filter) => filter === only);
  if (chosen.length !== 1) throw new ImportError(`choose one filter with --select: ${filters.join(", ")}`);
  const own = lines.filter(({ filter }) => filter === chosen[0]);
  const silent = own.filter((line) => textOf(line) === null).length;
  const seen = new Set<string>();
  const rows = own.map((line) => {
    const row = rowOf(line);
    if (seen.has(row.id)) throw new ImportError(`doc_id ${row.id} comes twice in filter ${line.filter}`);
    seen.add(row.id);
    return row;
  });
  const notes = silent > 0 ? [`${silent} rows hold log-probabilities and no text: score their columns`] : [];
  return { tool: "lm-eval", rows, notes };
}

/** The first filtered response that is a text; [logprob, isGreedy] is none. */
function textOf({ filtered_resps: responses }: Line): string | null {
  let first = responses[0];
  if (Array.isArray(first) && first.length === 1) first = first[0] as unknown;
  return typeof first === "string" ? first : null;
}

function rowOf(line: Line): ImportedRow {
  const scores = line.metrics.flatMap((name) => {
    const value = Object.hasOwn(line, name) ? line[name] : undefined;
    if (typeof value === "boolean") return [[name, Number(value)] as const];
    return typeof value === "number" || value === null ? [[name, value] as const] : [];
  });
  return {
    id: String(line.doc_id),
    epoch: 1,
    input: line.doc,
    expected: typeof line.target === "string" ? line.target : canonical(line.target),
    output: textOf(line) ?? "",
    error: null,
    scores: Object.fromEntries(scores),
    latencyMs: null,
    inputTokens: null,
    outputTokens: null,
    costUsd: null,
  };
}
