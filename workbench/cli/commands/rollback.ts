import { Command } from "commander";
import { rollback } from "../../decide/promote.ts";
import { withContext } from "../context.ts";

export function command(): Command {
  return new Command("rollback")
    .requiredOption("--reason <text>", "why, for the log")
    .addHelpText("after", EXAMPLES)
    .action(
      withContext(async ({ project, out, effects }, { reason }: { readonly reason: string }) => {
        const back = await rollback({ project, reason }, effects);
        out.line(`${out.paint.green("✓")} production is ${back.production} again`);
        out.result(back);
        return 0;
      }),
    );
}

const EXAMPLES = `
Example:
  $ workbench rollback --reason "errors doubled after the deploy"

One row in the log: production returns to the previous version.`;
