import { join } from "node:path";
import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import { digestOf } from "../../schema/canonical.ts";
import { Targets } from "../../schema/targets.ts";
import { parseYaml } from "../../schema/yaml.ts";
import type { Effects } from "../../store/effects.ts";
import { resolveInside, type Project } from "../../store/paths.ts";

export interface LoadedTargets {
  readonly targets: Targets;
  /** Of the targets with every default filled in. */
  readonly sha256: string;
}

/** Preset A, where a project has no targets of its own. One task a minute is 43,200 a month of 30 days. */
export const PRESET_A: Targets = Targets.parse({
  schema: "workbench/targets@1",
  name: "preset-a",
  tasksPerMonth: 43_200,
  targets: {
    localShare: { atLeast: 0.99 },
    fallbackShare: { atMost: 0.01 },
    quality: { atLeast: 0.9 },
    "latencyMs.p95": { atMost: 5000 },
    monthlyUsd: { atMost: 500 },
    uptime: { atLeast: 0.999 },
  },
});

/**
 * Reads `evals/targets/<name>.yaml`, or a file of the project; without a name that of the suite if it
 * is there, else preset A. @throws WB_FILE_MISSING, WB_POLICY_INVALID
 */
export async function loadTargets(
  project: Project,
  { name, suite }: { readonly name: string | undefined; readonly suite: string },
  effects: Effects,
): Promise<LoadedTargets> {
  const asked = name ?? suite;
  const file = asked.endsWith(".yaml") ? asked : join("evals", "targets", `${asked}.yaml`);
  const path = await resolveInside(project.root, [file], effects);
  if (!(await effects.stat(path))) {
    if (name === undefined || name === PRESET_A.name)
      return { targets: PRESET_A, sha256: digestOf(PRESET_A) };
    throw new WorkbenchError({
      code: "WB_FILE_MISSING",
      where: file,
      what: `there are no targets ${quoted(name)}`,
      fix: "write them (docs/validate.md), or leave --targets out for preset A",
    });
  }
  const text = Buffer.from(await effects.read(path)).toString("utf8");
  const parsed = parseYaml(text, Targets, { file, code: "WB_POLICY_INVALID" });
  if (Object.keys(parsed.value.targets).length === 0)
    throw parsed.errorAt(["targets"], "there is no target, so nothing could be shown", {
      fix: "targets: { quality: { atLeast: 0.9 } }",
    });
  return { targets: parsed.value, sha256: digestOf(parsed.value) };
}
