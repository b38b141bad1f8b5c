import type { Interval } from "../../train/estimate.ts";
import { checkTraining } from "../../train/check.ts";
import { planTraining } from "../../train/plan.ts";
import type { Context } from "../context.ts";
import type { OnHost } from "./run.ts";

/** A recipe held against its data. */
export async function check({ project, out, effects }: Context, recipe: string): Promise<undefined> {
  const report = await checkTraining({ project, recipe }, effects);
  out.result(report);
  out.line(`${out.paint.bold(report.recipe)}  run ${report.run}  ${report.dataset}  ${report.steps} steps`);
  for (const [split, counts] of Object.entries(report.splits))
    out.line(
      `  ${split.padEnd(6)} ${counts.rows} rows, ${counts.total} tokens, ${(counts.supervisedShare * 100).toFixed(1)} % learned, longest ${counts.longest}, too long ${counts.overlength}`,
    );
  for (const warning of report.warnings) out.note(`warning: ${warning}`);
  out.line("  the first row; what is learned stands between bars, its end-of-turn token included:");
  for (const pieces of report.sample)
    out.line(
      pieces
        .map(({ text, learned }) => (learned ? out.paint.green(shown(text)) : out.paint.dim(shown(text))))
        .join("│"),
    );
  return undefined;
}

/** Text of a row as one printable line: it is data. */
function shown(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
}

/** What a training would take on a host. */
export async function plan(
  { project, out, effects }: Context,
  recipe: string,
  { on }: OnHost,
): Promise<undefined> {
  const report = await planTraining({ project, recipe, host: on }, effects);
  out.result(report);
  const { estimate } = report;
  const { source, runs } = estimate.rate;
  const label =
    source === "measured"
      ? `from ${runs} earlier runs${runs < 8 ? ", uncalibrated" : ""}`
      : `${source} rate, uncalibrated`;
  out.line(`${out.paint.bold(report.recipe)} on ${report.host} (${report.kind})  run ${report.run}`);
  out.line(`  steps    ${estimate.steps}`);
  out.line(`  tokens   ${estimate.tokens} (${estimate.supervisedTokens} learned)`);
  out.line(`  FLOP     ${estimate.flop === null ? "–" : estimate.flop.toExponential(2)}`);
  out.line(`  time     ${range(estimate.seconds, 1, "s")}  (${label})`);
  out.line(`  memory   ${range(estimate.memoryBytes, 1e-9, "GB")}`);
  out.line(
    `  cost     ${estimate.costUsd === null ? "" : range(estimate.costUsd, 1, "USD", 2)}${estimate.costUsd === null ? "no dated price" : ""}`,
  );
  for (const warning of report.warnings) out.note(`warning: ${warning}`);
  return undefined;
}

function range(interval: Interval | null, factor: number, unit: string, digits = 1): string {
  if (interval === null) return "unknown";
  const [value, low, high] = [interval.value, interval.low, interval.high].map((x) =>
    (x * factor).toFixed(digits),
  );
  return `${value} ${unit} [${low}, ${high}]`;
}
