import { join } from "node:path";
import { digestOf } from "../schema/canonical.ts";
import { WorkbenchError } from "../errors/error.ts";
import { Policy } from "../schema/policy.ts";
import { parseYaml } from "../schema/yaml.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { resolveInside } from "../store/paths.ts";

/**
 * Every estimator a verdict can stand on. They are part of a policy's digest: with another formula
 * the same words are another rule.
 */
export const ESTIMATORS = [
  "clopper-pearson@1",
  "clustered-t@1",
  "confidence-sequence@1",
  "cuped-ratio@1",
  "delta-ratio@1",
  "farrington-manning@1",
  "holm@1",
  "lan-demets@1",
  "newcombe-units@1",
  "newcombe@1",
  "order-statistic@1",
  "paired-ratio-score@1",
  "paired-t@1",
  "quantile-contrast@2",
  "quantile-units@1",
  "tango@1",
  "wilson@1",
] as const;

export interface LoadedPolicy {
  readonly policy: Policy;
  /** Of the policy with every default filled in, and the estimator versions. */
  readonly sha256: string;
  /** As the user would type it. */
  readonly file: string;
}

/** The digest a policy is declared, compared and recorded by; comments and key order do not matter. */
export function policyDigest(policy: Policy): string {
  return digestOf({ policy, estimators: ESTIMATORS });
}

/** Reads `evals/policies/<name>.yaml`, or a file of the project; refuses rules that contradict themselves. */
export async function loadPolicy(
  project: Project,
  name: string,
  effects: Effects = realEffects,
): Promise<LoadedPolicy> {
  const file = name.endsWith(".yaml") ? name : join("evals", "policies", `${name}.yaml`);
  const path = await resolveInside(project.root, [file], effects);
  if (!(await effects.stat(path)))
    throw new WorkbenchError({
      code: "WB_FILE_MISSING",
      where: file,
      what: "there is no such policy",
      fix: `write one (docs/verdicts.md#before-the-data shows the smallest), or take one of evals/policies/: ${(await policyNames(project, effects)).join(", ") || "none yet"}`,
    });
  const text = Buffer.from(await effects.read(path)).toString("utf8");
  const { value: policy, errorAt } = parseYaml(text, Policy, { file, code: "WB_POLICY_INVALID" });
  if (policy.looks.plan === "group-sequential" && policy.looks.max < 2)
    throw errorAt(["looks", "max"], "looks.max: a group-sequential plan has at least two looks", {
      fix: "max: 3, or plan: fixed",
    });
  return { policy, sha256: policyDigest(policy), file };
}

/** Names of the project's policies. */
export async function policyNames(
  project: Project,
  effects: Effects = realEffects,
): Promise<readonly string[]> {
  const files = await effects.list(join(project.evals, "policies"));
  return files.filter((file) => file.endsWith(".yaml")).map((file) => file.slice(0, -".yaml".length));
}
