import type { HealthCheck } from "../schema/decision.ts";
import type { Experiment } from "../schema/experiment.ts";
import type { Look } from "../decide/online/looks.ts";
import type { UnitCounts } from "../decide/online/readings.ts";
import type { RolloutState } from "../decide/online/rollout-state.ts";
import type { Simulated } from "../decide/online/simulate.ts";
import { printable } from "../errors/printable.ts";
import type { Output } from "./output.ts";

interface Status {
  readonly experiment: Experiment;
  readonly checks: readonly HealthCheck[];
  readonly counts: UnitCounts;
  readonly look: Look;
  readonly state: RolloutState;
}

/** Health before everything; then units by stage, the next look and the ramp. No effect stands here. */
export function printExperiment({ experiment, checks, counts, look, state }: Status, out: Output): void {
  out.line(out.paint.bold(printable(experiment.policy.question)));
  for (const check of checks) {
    const mark = check.passed ? out.paint.green("✓") : out.paint.red("✕");
    out.line(`  ${mark} ${check.check}: ${printable(check.detail)}${check.passed ? "" : ` (${check.code})`}`);
  }
  out.line();
  const whole = counts.counts.filter(({ slice }) => slice === null);
  for (const { stage, arm, units, fallbacks } of whole)
    out.line(
      `  ${String(stage).padStart(3)} %  ${arm.padEnd(9)}  ${units} units${fallbacks > 0 ? `, ${fallbacks} answered by the baseline` : ""}`,
    );
  if (whole.length === 0) out.line("  no exposures yet: workbench experiment ingest <file>");
  const due =
    look.closed ?? (look.early === null ? "open: workbench experiment decide" : `open; ${look.early}`);
  out.line(`  ${look.closed === null ? `look ${look.number}: ` : ""}${printable(due)}`);
  if (state.since !== null)
    out.line(
      `  ramp: ${state.percent} % since ${state.since}${state.isBack ? ", taken back" : ""}${state.held === null ? "" : `, held: ${printable(state.held)}`}`,
    );
}

/** One line per truth: what the policy would say of it, and how soon. */
export function printSimulation({ source, truths, runs, notes }: Simulated, out: Output): void {
  out.line(`${runs} experiments per truth, on ${source}`);
  out.line(
    out.paint.dim("  truth                                 go   no-go    open    days  false rollback"),
  );
  const share = (value: number): string => `${(value * 100).toFixed(1)} %`.padStart(7);
  for (const { name, go, noGo, inconclusive, medianDays, rollback } of truths)
    out.line(
      `  ${name.padEnd(32)}  ${share(go)} ${share(noGo)} ${share(inconclusive)}  ${medianDays === null ? "   none" : medianDays.toFixed(1).padStart(6)}  ${share(rollback)}`,
    );
  for (const note of notes) out.line(out.paint.dim(`  ${printable(note)}`));
}
