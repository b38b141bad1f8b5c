import { z } from "zod";

/** What a running command tells whoever watches it. */
export interface TrainProgress {
  readonly phase: "resolve" | "environment" | "train" | "export" | "parity";
  readonly note?: string;
  readonly step?: number;
  readonly totalSteps?: number;
  readonly loss?: number | null;
  readonly evalLoss?: number | null;
  readonly tokensPerS?: number | null;
}

/** A line of the trainer's `metrics.jsonl`, as far as we read it. Numbers may be null: not finite. */
export const MetricLine = z.looseObject({
  kind: z.string(),
  at: z.string(),
  data: z.looseObject({
    step: z.number().int().optional(),
    lastStep: z.number().int().optional(),
    loss: z.number().nullish(),
    evalLoss: z.number().nullish(),
    perplexity: z.number().nullish(),
    accuracy: z.number().nullish(),
    margin: z.number().nullish(),
    tokens: z.number().nullish(),
    tokensPerS: z.number().nullish(),
    stepMs: z.number().nullish(),
    memPeakBytes: z.number().nullish(),
    code: z.string().optional(),
    message: z.string().optional(),
    reason: z.string().optional(),
    exportedStep: z.number().int().optional(),
  }),
});
export type MetricLine = z.infer<typeof MetricLine>;

/** The lines of a piece of `metrics.jsonl` that can be read; others are left out, they are a host's data. */
export function metricLines(text: string): readonly MetricLine[] {
  return text.split("\n").flatMap((raw) => {
    if (raw === "") return [];
    try {
      const parsed = MetricLine.safeParse(JSON.parse(raw));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}

/** A line as progress, or null when it says nothing to a watcher. */
export function progressOf(line: MetricLine, totalSteps: number): TrainProgress | null {
  const { data } = line;
  switch (line.kind) {
    case "train.step":
      return {
        phase: "train",
        step: data.step ?? 0,
        totalSteps,
        loss: data.loss ?? null,
        tokensPerS: data.tokensPerS ?? null,
      };
    case "train.eval":
      return { phase: "train", step: data.step ?? 0, totalSteps, evalLoss: data.evalLoss ?? null };
    case "train.warn":
      return { phase: "train", note: `warning ${data.code ?? ""}: ${data.message ?? ""}` };
    default:
      return null;
  }
}

/** The figures of a finished run, each a query over its metrics; null is "not measured". */
export function runMetrics(lines: readonly MetricLine[]): {
  readonly steps: number;
  readonly seconds: number;
  readonly metrics: Readonly<Record<string, number | null>>;
} {
  const steps = lines.filter(({ kind }) => kind === "train.step");
  const evals = lines.filter(({ kind }) => kind === "train.eval");
  const end = lines.find(({ kind }) => kind === "train.end");
  const exported = end?.data.exportedStep;
  const best = evals.find(({ data }) => data.step === exported) ?? evals.at(-1);
  const [seconds, tokens] = [sum(steps, "stepMs") / 1000, sum(steps, "tokens")];
  return {
    steps: end?.data.lastStep ?? steps.at(-1)?.data.step ?? 0,
    seconds,
    metrics: {
      loss: steps.at(-1)?.data.loss ?? null,
      evalLoss: best?.data.evalLoss ?? null,
      perplexity: best?.data.perplexity ?? null,
      evalAccuracy: best?.data.accuracy ?? null,
      evalMargin: best?.data.margin ?? null,
      exportedStep: exported ?? null,
      tokens,
      tokensPerS: seconds > 0 ? tokens / seconds : null,
      memPeakBytes: steps.reduce((most, { data }) => Math.max(most, data.memPeakBytes ?? 0), 0) || null,
    },
  };
}

function sum(lines: readonly MetricLine[], key: "stepMs" | "tokens"): number {
  return lines.reduce((total, { data }) => total + (data[key] ?? 0), 0);
}
