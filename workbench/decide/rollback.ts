import { loadConfig } from "../store/config.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { move, promotedBy, type Promoted } from "./alias-moves.ts";
import { settleAll } from "./deploy/deploy.ts";
import { appendLog, readLog } from "./log.ts";
import { refusal } from "./promotion-rules.ts";
import { registryOf } from "./registry.ts";

/**
 * One step back: production returns to what it was, in one row. Then every target that serves another
 * version is put back from its record, one row each; a crash in between is finished by `settle`.
 */
export async function rollback(
  { project, reason }: { readonly project: Project; readonly reason: string },
  effects: Effects = realEffects,
): Promise<Promoted> {
  const saw = (await readLog(project, effects)).head;
  await appendLog(
    project,
    (now) => {
      const { production, previous } = registryOf(now).aliases;
      if (previous === null || previous === production)
        throw refusal("there is no previous version to go back to", "promote one first");
      return [
        move(now, {
          alias: "production",
          to: previous,
          from: production,
          record: null,
          why: `rollback: ${reason}`,
        }),
      ];
    },
    effects,
  );
  return { ...(await settle(project, effects, saw)), moved: true };
}

/** Puts back every deployment that a crash left, and every target that does not serve production's version. */
export async function settle(
  project: Project,
  effects: Effects = realEffects,
  sawHead?: string,
): Promise<Promoted> {
  const saw = sawHead ?? (await readLog(project, effects)).head;
  const config = await loadConfig(project, effects);
  const log = await appendLog(project, (now) => settleAll({ project, config, effects }, now), effects);
  return promotedBy(log, saw);
}
