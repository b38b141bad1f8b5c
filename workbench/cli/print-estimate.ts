import { printable } from "../errors/printable.ts";
import type { ArmEstimate, Range } from "../evaluate/estimate.ts";
import type { Output } from "./output.ts";

/** What a run would take: one line an arm, from the least to the most. */
export function printEstimate(arms: readonly ArmEstimate[], out: Output): void {
  for (const { arm, calls, stored, guessed, inputTokens, outputTokens, costUsd, seconds, from } of arms) {
    const name = out.paint.bold(printable(arm));
    if (calls === 0) {
      out.line(
        `${name}  nothing to ask: ${stored > 0 ? `all ${stored} calls are stored` : "its answers are recorded"}`,
      );
      continue;
    }
    const money = costUsd === null ? "cost unknown: no price" : `cost ${span(costUsd, usd)}`;
    const kept = stored > 0 ? ` (${stored} more are stored)` : "";
    out.line(`${name}  ${calls} calls${kept}, ${money}`);
    out.line(`  tokens in ${span(inputTokens, String)}, out ${span(outputTokens, String)}`);
    if (guessed > 0)
      out.line(`  ${guessed} of them about answers that are not there yet: their length is guessed`);
    if (seconds !== null) out.line(`  about ${seconds.toFixed(1)} s one after the other, as in run ${from}`);
  }
}

const usd = (value: number): string => `$${value.toFixed(4)}`;

const span = ({ low, high }: Range, text: (value: number) => string): string =>
  high === null ? `${text(low)} or more (no maxTokens)` : `${text(low)} to ${text(high)}`;
