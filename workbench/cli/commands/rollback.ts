import { Command } from "commander";
import { rollback } from "../../decide/rollback.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import { printDeployed } from "./promote.ts";

export function command(): Command {
  return new Command("rollback").requiredOption("--reason <text>", "why, for the log").action(
    withContext(async ({ project, out, effects }, { reason }: { readonly reason: string }) => {
      const back = await rollback({ project, reason }, effects);
      printDeployed(back.deployed, out);
      out.line(`${out.paint.green("✓")} production is ${back.production} again`);
      out.result(back);
      return 0;
    }),
  );
}

export const EXAMPLES: readonly Example[] = [
  ['workbench rollback --reason "errors doubled after the deploy"'],
];

export const NOTES = `
One row in the log: production returns to the previous version. Then every deploy target that serves another
version is put back from its recorded prior state; if that is cut short, workbench promote --settle goes on.`;
