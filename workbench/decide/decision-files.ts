import { basename, join } from "node:path";
import { Decision } from "../schema/decision.ts";
import type { Policy } from "../schema/policy.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { readAs } from "../store/read-json.ts";
import { latestRun, runFolder } from "./evidence.ts";
import { PolicySnapshot } from "./record.ts";

/** A decision with the rules it was made under and who made it. */
export interface DecisionFiles {
  readonly run: string;
  readonly decision: Decision;
  readonly policy: Policy;
  readonly author: string;
}

/** Reads a decision run by id, path or `latest`; it does not verify it. */
export async function decisionOf(project: Project, which: string, effects: Effects): Promise<DecisionFiles> {
  const run =
    which === "latest"
      ? await latestRun(project, "decision", effects)
      : basename(which.replace(/\/+$/, "").replace(/\/result\.json$/, ""));
  const folder = await runFolder(project, run, effects);
  const decision = await readAs(Decision, join(folder, "result.json"), effects);
  const { policy } = await readAs(PolicySnapshot, join(folder, "policy.json"), effects);
  return { run, decision, policy, author: decision.envelope.by };
}
