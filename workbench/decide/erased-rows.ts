import { join } from "node:path";
import { erasureMarker } from "../catalog/tombstones.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { Log } from "./log.ts";
import { rowsOf } from "./registry.ts";

/** When rows that a run depends on were last erased (a person's right to be forgotten); null when never. */
export async function erasedAt(project: Project, run: string, effects: Effects): Promise<string | null> {
  const erasures = (await erasureMarker(join(project.runs, run), effects))?.erasures ?? [];
  return erasures.map(({ at }) => at).reduce<string | null>((last, at) => (last === null || at > last ? at : last), null); // prettier-ignore
}

/** Whether an unexpired override of this record was given since: somebody knew, and said why. */
export function isOverriddenSince(
  log: Log,
  record: string,
  { since, now }: { since: string; now: Date },
): boolean {
  return rowsOf(log, "override.used").some(
    (row) =>
      row.data["record"] === record && row.at >= since && String(row.data["expires"]) > now.toISOString(),
  );
}
