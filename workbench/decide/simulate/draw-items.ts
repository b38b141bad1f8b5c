import type { SampleRow } from "../../schema/run.ts";
import { exp, ln } from "../../stats/elementary.ts";
import type { Random } from "../../stats/random.ts";
import type { Item } from "../pairs.ts";
import type { MetricTruth } from "./truth.ts";

/** Spread of amounts on the log scale (a coefficient of variation of 53 %), and their correlation between arms. */
export const SIGMA = 0.5;
export const CORRELATION = 0.5;

/** n paired items whose metrics follow their truths; metrics are independent of each other. */
export function drawItems(random: Random, truths: readonly MetricTruth[], n: number): readonly Item[] {
  return Array.from({ length: n }, (_, i) => {
    const sides = truths.map((truth) => drawPair(random, truth));
    const arm = (side: 0 | 1): SampleRow =>
      rowOf(
        i,
        truths.map((truth, at) => [truth.field, sides[at]?.[side] ?? 0]),
      );
    const [baseline, candidate] = [arm(0), arm(1)];
    return {
      sampleId: baseline.sampleId,
      label: baseline.label,
      cluster: null,
      slices: {},
      baseline: [baseline],
      candidate: [candidate],
    };
  });
}

function drawPair(random: Random, truth: MetricTruth): readonly [number, number] {
  if (truth.kind === "amount") {
    const shared = Math.sqrt(CORRELATION) * normal(random);
    const own = (): number =>
      truth.median * exp(SIGMA * (shared + Math.sqrt(1 - CORRELATION) * normal(random)));
    return [own(), truth.factor * own() + truth.shift];
  }
  const { baseline, candidate, discordance } = truth;
  const won = (discordance + candidate - baseline) / 2;
  const lost = discordance - won;
  const u = random.uniform();
  if (u < won) return [0, 1];
  if (u < discordance) return [1, 0];
  return u < discordance + baseline - lost ? [1, 1] : [0, 0];
}

/** One standard normal draw (Marsaglia's polar method). */
function normal(random: Random): number {
  for (;;) {
    const x = 2 * random.uniform() - 1;
    const y = 2 * random.uniform() - 1;
    const square = x * x + y * y;
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * ln(square)) / square);
  }
}

/** A row as an evaluation writes it. A failed call has no other metric. */
function rowOf(i: number, values: readonly (readonly [string, number])[]): SampleRow {
  const known = new Map(values);
  const amount = (field: string): number | null => known.get(field) ?? null;
  const success = known.get("success");
  const scores = values.filter(([field]) => !FIELDS.has(field));
  return {
    sampleId: String(i).padStart(8, "0"),
    label: `${i}`,
    arm: "",
    epoch: 1,
    status: known.get("errorRate") === 1 ? "failed" : "scored",
    input: null,
    expected: null,
    output: null,
    scores: Object.fromEntries(scores.map(([field, value]) => [field, { value }])),
    success: success === undefined ? null : success === 1,
    latencyMs: amount("latencyMs"),
    ttftMs: amount("ttftMs"),
    inputTokens: amount("inputTokens"),
    cachedTokens: null,
    outputTokens: amount("outputTokens"),
    costUsd: amount("costUsd"),
    judgeCostUsd: null,
    servedModel: null,
    finishReason: null,
    slices: {},
    cluster: null,
    error: null,
  };
}

const FIELDS = new Set([
  "errorRate",
  "success",
  "latencyMs",
  "ttftMs",
  "inputTokens",
  "outputTokens",
  "costUsd",
]);
