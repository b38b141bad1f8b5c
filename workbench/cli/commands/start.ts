import { Command } from "commander";
import { relative } from "node:path";
import type { Decided } from "../../decide/decide.ts";
import type { LoopReport } from "../../flow/start.ts";
import { start } from "../../flow/start.ts";
import type { Watcher } from "../../flow/steps.ts";
import type { Context } from "../context.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import type { Output, Progress } from "../output.ts";

export function command(): Command {
  return new Command("start")
    .description("Run the whole loop on the embedded example: logs → datasets → models → verdicts → pages.")
    .action(withContext(run));
}

async function run({ project, out, effects }: Context): Promise<undefined> {
  out.line(out.paint.bold("The loop: from interaction logs to a go/no-go page"));
  const report = await start({ project, watcher: watch(out) }, effects);
  print(report, out);
  out.result({
    ...report,
    decisions: report.decisions.map(({ run: id, computed }) => ({
      run: id,
      verdict: computed.verdict,
      question: computed.question,
      sentence: computed.sentence,
    })),
    evaluation: { run: report.evaluation.id, metrics: report.evaluation.result.metrics },
  });
}

/** A progress bar while a step runs, one line when it has ended. */
function watch(out: Output): Watcher {
  let bar: Progress | null = null;
  let name = "";
  return {
    begin: (step) => {
      name = step;
      bar = out.progress(step, null);
    },
    move: (done, total, note) => bar?.update(done, total === null ? note : `of ${total}  ${note}`),
    end: ({ seconds, reused, detail }) => {
      bar?.end();
      bar = null;
      const time = `${seconds.toFixed(1)} s`.padStart(8);
      out.line(
        `  ${out.paint.green("✓")} ${name.padEnd(20)} ${time}  ${detail}${reused ? out.paint.dim("  (unchanged)") : ""}`,
      );
    },
  };
}

const SIGN = { go: "green", "no-go": "red", inconclusive: "yellow", invalid: "red" } as const;

function print({ decisions, index, steps, fingerprint }: LoopReport, out: Output): void {
  out.line();
  for (const decision of decisions) out.line(verdictLine(decision, out));
  out.line();
  const seconds = steps.reduce((sum, step) => sum + step.seconds, 0);
  out.line(`${seconds.toFixed(0)} s in all; what must repeat: ${fingerprint.slice(0, 12)}`);
  out.line(
    `Pages: ${relative(process.cwd(), index)}   (open it in a browser, or copy the folder to any file host)`,
  );
}

function verdictLine({ computed, run: id }: Decided, out: Output): string {
  const word = out.paint[SIGN[computed.verdict]](computed.verdict.toUpperCase().padEnd(12));
  return `  ${word} ${computed.baseline.model} → ${computed.candidate.model}\n${" ".repeat(15)}${computed.sentence}\n${" ".repeat(15)}${out.paint.dim(`workbench verify ${id}`)}`;
}

export const EXAMPLES: readonly Example[] = [
  ["npm start", "the same, from a fresh clone"],
  ["workbench start --json", "the result as one JSON document"],
];

export const NOTES = `
Nothing is mocked and nothing needs a GPU, a key or a download beyond the package registries. The
command can be interrupted at any time; the same command finishes the job, and finished, it only checks.`;
