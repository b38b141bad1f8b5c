/** What the workbench itself measures, in plain words. A suite's own scorers keep the names they were given. */
const PLAIN: Readonly<Record<string, string>> = {
  success: "success rate",
  errorRate: "error rate",
  truncated: "answers cut off",
  costUsd: "cost of an answer",
  inputTokens: "input tokens",
  cachedTokens: "cached input tokens",
  outputTokens: "output tokens",
  tokensPerSecond: "output tokens per second",
  latencyMs: "latency",
  ttftMs: "time to first token",
};

/** A metric as a reader who knows no code reads it: `latencyMs.p95` is "latency, 95th percentile". */
export function metricName(metric: string): string {
  const [, base = metric, of] = /^(latencyMs|ttftMs)\.(mean|p\d+)$/.exec(metric) ?? [];
  const name = Object.hasOwn(PLAIN, base) ? (PLAIN[base] ?? base) : base;
  if (of === undefined) return name;
  return `${name}, ${of === "mean" ? "mean" : of === "p50" ? "median" : `${of.slice(1)}th percentile`}`;
}
