import { z } from "zod";
import { canonical } from "../../schema/canonical.ts";
import { countOr, ImportError, numberOr, type Imported, type ImportedRow } from "./row.ts";

const Result = z.looseObject({
  testIdx: z.number().int().nonnegative(),
  promptIdx: z.number().int().nonnegative().default(0),
  provider: z.union([z.string(), z.looseObject({ id: z.string() })]),
  vars: z.record(z.string(), z.unknown()).default({}),
  response: z
    .looseObject({
      output: z.unknown(),
      cached: z.boolean().nullish(),
      tokenUsage: z.looseObject({}).nullish(),
    })
    .nullish(),
  error: z.string().nullish(),
  failureReason: z.number().int().nullish(),
  score: z.number().nullish(),
  namedScores: z.record(z.string(), z.number().nullable()).nullish(),
  latencyMs: z.number().nullish(),
  cost: z.number().nullish(),
});
type Result = z.infer<typeof Result>;

const ERROR = 2;

/**
 * promptfoo's JSON. One provider with one prompt is an arm; its own counters are not read, rows are.
 * @param only the provider, or `provider#promptIdx`, where the file holds several.
 */
export function fromPromptfoo(results: readonly unknown[], only: string | null): Imported {
  const parsed = results.map((value, i) => {
    const one = Result.safeParse(value);
    if (one.success) return one.data;
    const [issue] = one.error.issues;
    throw new ImportError(`results[${i}]: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`);
  });
  const arms = Map.groupBy(parsed, nameOf);
  const chosen = only === null ? [...arms.keys()] : [...arms.keys()].filter((arm) => isArm(arm, only));
  const [arm] = chosen;
  if (arm === undefined || chosen.length > 1)
    throw new ImportError(`choose one arm with --select: ${[...arms.keys()].join(", ")}`);
  const seen = new Set<number>();
  const rows = (arms.get(arm) ?? []).map((result) => {
    if (seen.has(result.testIdx)) throw new ImportError(`testIdx ${result.testIdx} comes twice`);
    seen.add(result.testIdx);
    return rowOf(result);
  });
  return { tool: "promptfoo", rows, notes: ["assertions are not imported: `expected` is null"] };
}

const nameOf = ({ provider, promptIdx }: Result): string =>
  `${typeof provider === "string" ? provider : provider.id}#${promptIdx}`;

const isArm = (arm: string, only: string): boolean => arm === only || arm.startsWith(`${only}#`);

function rowOf({ response, ...result }: Result): ImportedRow {
  const output = response?.output;
  const failed = result.failureReason === ERROR || output === undefined || output === null;
  // The time of a hit in its cache is not the model's.
  const latencyMs = response?.cached === true ? null : numberOr(result.latencyMs);
  return {
    id: String(result.testIdx),
    epoch: 1,
    input: result.vars,
    expected: null,
    output: failed ? null : typeof output === "string" ? output : canonical(output),
    error: failed ? (result.error ?? "no output") : null,
    scores: failed ? {} : { score: numberOr(result.score), ...result.namedScores },
    latencyMs: failed ? null : latencyMs,
    inputTokens: countOr(response?.tokenUsage?.["prompt"]),
    outputTokens: countOr(response?.tokenUsage?.["completion"]),
    // It writes 0 for a model whose price it does not know.
    costUsd: result.cost === 0 ? null : numberOr(result.cost),
  };
}
