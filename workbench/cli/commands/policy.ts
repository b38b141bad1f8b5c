import { Command } from "commander";
import { declarePolicy } from "../../decide/decide.ts";
import { loadPolicy, policyNames } from "../../decide/policy.ts";
import { planOf } from "../../decide/policy-check.ts";
import { amountText } from "../../decide/rule.ts";
import { printable } from "../../errors/printable.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";

export function command(): Command {
  const policy = new Command("policy");
  policy
    .command("check")
    .argument("[names...]", "policies of evals/policies, or their files (default: all)")
    .description("check policies, and say what each would take to decide")
    .action(
      withContext(async ({ project, out, effects }, names: readonly string[]) => {
        const wanted = names.length > 0 ? names : await policyNames(project, effects);
        const results = [];
        for (const name of wanted) {
          const { policy: rules, sha256 } = await loadPolicy(project, name, effects);
          const plan = planOf(rules);
          out.line(`${out.paint.green("✓")} ${rules.name}  ${printable(rules.question)}`);
          for (const rule of plan.rules) {
            const pairs = rule.pairs === null ? "pairs not known before a pilot" : `${rule.pairs} pairs`;
            const reach =
              rule.detectable === null ? "" : `, the minimum shows ${amountText(rule.detectable, "share")}`;
            out.line(`    ${rule.role.padEnd(9)}  ${rule.metric}: ${rule.rule} — ${pairs}${reach}`);
          }
          out.line(out.paint.dim(`    digest ${sha256.slice(0, 12)}, power ${rules.planning.power} in all`));
          results.push({ name: rules.name, sha256, ...plan });
        }
        if (wanted.length === 0) out.note("no policy here yet: evals/policies/<name>.yaml");
        out.result(results);
        return 0;
      }),
    );
  policy
    .command("declare")
    .argument("<name>", "a policy of evals/policies, or its file")
    .description("put a policy on record before there is evidence")
    .action(
      withContext(async ({ project, out, effects }, name: string) => {
        const { sha256 } = await declarePolicy(project, name, effects);
        out.line(`${out.paint.green("✓")} declared, digest ${sha256.slice(0, 12)}`);
        out.result({ name, sha256 });
        return 0;
      }),
    );
  return policy;
}

export const EXAMPLES: readonly Example[] = [
  ["workbench policy check"],
  ["workbench policy check support-routing"],
  ["workbench policy declare support-routing"],
];
