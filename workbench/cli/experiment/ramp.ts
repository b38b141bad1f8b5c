import type { Command } from "commander";
import { step, stopRamp, type Stepped } from "../../decide/online/step.ts";
import { printable } from "../../errors/printable.ts";
import { withContext } from "../context.ts";
import type { Output } from "../output.ts";

/** `step` and `stop`: how much traffic the candidate gets. */
export function addRamp(experiment: Command): void {
  experiment
    .command("step")
    .argument("<name>", "the experiment")
    .description("one step of its ramp: triggers first, then what the stage must show")
    .action(
      withContext(async ({ project, out, effects }, name: string) => {
        const stepped = await step({ project, name }, effects);
        printStep(stepped, out);
        out.result(stepped);
        return stepped.move === "back" ? 3 : 0;
      }),
    );
  experiment
    .command("stop")
    .argument("<name>", "the experiment")
    .description("take the ramp back to the baseline by hand; it stays back")
    .requiredOption("--reason <text>", "why, for the log")
    .action(
      withContext(
        async ({ project, out, effects }, name: string, { reason }: { readonly reason: string }) => {
          const stopped = await stopRamp({ project, name, reason }, effects);
          printStep(stopped, out);
          out.result(stopped);
          return 0;
        },
      ),
    );
}

function printStep({ experiment, move, reason, state }: Stepped, out: Output): void {
  const colour =
    move === "back" || move === "stop" ? out.paint.red : move === "hold" ? out.paint.yellow : out.paint.green;
  out.line(`${colour(move)}  ${experiment} at ${state.percent} %: ${printable(reason)}`);
}
