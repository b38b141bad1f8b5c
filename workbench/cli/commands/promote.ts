import { Command } from "commander";
import { promote } from "../../decide/promote.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";

export function command(): Command {
  return new Command("promote")
    .argument("[decision]", "the decision's run", "latest")
    .option("--saw-head <hash>", "act only if the registry's log still ends in this row")
    .action(
      withContext(async ({ project, out, effects }, decision: string, options: { sawHead?: string }) => {
        const promoted = await promote({ project, decision, ...options }, effects);
        const was = promoted.previous === null ? "" : ` (previous: ${promoted.previous})`;
        out.line(
          promoted.moved
            ? `${out.paint.green("✓")} production is ${promoted.production}${was}`
            : `${promoted.production} is in production already; nothing changed`,
        );
        out.result(promoted);
        return 0;
      }),
    );
}

export const EXAMPLES: readonly Example[] = [
  ["workbench registry add 4ddbabf545ed"],
  ["workbench promote 2b19c0d8a4f1"],
];

export const NOTES = `
Exit codes: 3 refused (verdict, approvals, kill switch, six a day), 6 a byte of the evidence or the
weights changed, 7 someone else holds the registry or moved it on.`;
