import { Argument, Command } from "commander";
import { answersOf } from "../../decide/advise/answers.ts";
import { gatherFacts } from "../../decide/advise/gather.ts";
import { printable } from "../../errors/printable.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";

const ASKED: Readonly<Record<string, string>> = {
  train: "Train at all?",
  method: "Which method?",
  base: "Which base model?",
  deploy: "Deploy?",
  retrain: "Train again?",
};

export function command(): Command {
  return new Command("advise")
    .description(
      "Answer the five questions of a training from your own data, with reasons and what is missing.",
    )
    .addArgument(new Argument("[question]", "one of them (default: all)").choices(Object.keys(ASKED)))
    .action(
      withContext(async ({ project, out, effects }, question: string | undefined) => {
        const facts = await gatherFacts(project, effects);
        const answers = answersOf(facts).filter((one) => question === undefined || one.question === question);
        for (const { question: asked, answer, reasons, missing, next } of answers) {
          out.line(`${out.paint.bold(ASKED[asked] ?? asked)}  ${printable(answer)}`);
          for (const reason of reasons) out.line(`  because  ${printable(reason)}`);
          for (const gap of missing) out.line(out.paint.yellow(`  missing  ${printable(gap)}`));
          out.line(out.paint.dim(`  next     ${printable(next)}`));
        }
        out.result({ answers, facts });
        return 0;
      }),
    );
}

export const EXAMPLES: readonly Example[] = [
  ["workbench advise"],
  ["workbench advise retrain --json", "one answer with the facts it stands on"],
];

export const NOTES = `
Thresholds: 1,000 interactions before any training, 500 pairs before DPO, 10,000 interactions an agent to aim at.
They are starting points (docs/advise.md), not proofs: the gate decides what is promoted.`;
