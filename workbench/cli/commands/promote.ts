import { Command } from "commander";
import { planPromotion, promote } from "../../decide/promote.ts";
import { settle } from "../../decide/rollback.ts";
import { printable } from "../../errors/printable.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import type { Output } from "../output.ts";

interface Options {
  readonly sawHead?: string;
  readonly otherBaseline?: boolean;
  readonly dryRun?: boolean;
  readonly settle?: boolean;
}

export function command(): Command {
  return new Command("promote")
    .description("Bring a go's candidate to every deploy target, then move production to it.")
    .argument("[decision]", "the decision's run", "latest")
    .option("--saw-head <hash>", "act only if the registry's log still ends in this row")
    .option("--other-baseline", "although the decision compares with something else than production")
    .option("--dry-run", "check everything and show each target's steps; touch nothing")
    .option("--settle", "promote nothing: put back deployments that were cut short")
    .action(
      withContext(async ({ project, out, effects }, decision: string, options: Options) => {
        if (options.settle === true) {
          const settled = await settle(project, effects);
          printDeployed(settled.deployed, out);
          if (settled.deployed.length === 0) out.line("every target serves what the registry says");
          out.result(settled);
          return 0;
        }
        const request = { project, decision, ...options };
        if (options.dryRun === true) {
          const plan = await planPromotion(request, effects);
          out.line(`would move production ${plan.from ?? "(none)"} → ${plan.version}`);
          for (const { target, kind, steps } of plan.deploys)
            for (const step of steps) out.line(`  ${target} (${kind})  ${printable(step)}`);
          out.result(plan);
          return 0;
        }
        const promoted = await promote(request, effects);
        printDeployed(promoted.deployed, out);
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

export function printDeployed(deployed: readonly string[], out: Output): void {
  for (const line of deployed) out.line(`${out.paint.green("✓")} ${printable(line)}`);
}

export const EXAMPLES: readonly Example[] = [
  ["workbench registry add 4ddbabf545ed"],
  ["workbench promote 2b19c0d8a4f1 --dry-run", "what would happen, target by target"],
  ["workbench promote 2b19c0d8a4f1"],
  ["workbench promote --settle", "after a crash in the middle of a deployment"],
];

export const NOTES = `
Exit codes: 3 refused (verdict, baseline, approvals, kill switch, six a day), 5 a target did not come up and was
put back, 6 a byte of the evidence or the weights changed, or a deployment was cut short, 7 someone else holds the
registry or moved it on. Targets are declared under deploy: in workbench.config.yaml (docs/deploy.md).`;
