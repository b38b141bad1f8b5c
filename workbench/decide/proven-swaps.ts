import { join } from "node:path";
import { Decision } from "../schema/decision.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { readJson } from "../store/read-json.ts";

/** A slice in which a decision showed the cheaper arm to be no worse. */
export interface Swap {
  readonly run: string;
  readonly from: string;
  readonly to: string;
  readonly slice: string;
  /** Share of the old arm's cost that is saved. */
  readonly saved: number;
}

/** Slices of readable decisions whose primary metric is inside its margin, and whose candidate is cheaper. */
export async function provenSwaps(project: Project, effects: Effects): Promise<readonly Swap[]> {
  const swaps: Swap[] = [];
  for (const run of await effects.list(project.runs)) {
    const path = join(project.runs, run, "result.json");
    if (!(await effects.stat(path))) continue;
    const parsed = Decision.safeParse(await readJson(path, effects));
    if (!parsed.success || parsed.data.computed.verdict === "invalid") continue;
    const { baseline, candidate, cost, slices, effects: whole } = parsed.data.computed;
    const [a, b] = [cost.baseline.usdPerThousand, cost.candidate.usdPerThousand];
    if (a === null || b === null || b >= a) continue;
    const shown = [{ slice: "all = all", effects: whole }, ...slices];
    for (const { slice, effects: metrics } of shown) {
      const primary = metrics.find(({ role }) => role === "primary" || role === "slice");
      if (primary?.passed !== true) continue;
      swaps.push({ run, from: baseline.model, to: candidate.model, slice, saved: 1 - b / a });
    }
  }
  return swaps;
}
