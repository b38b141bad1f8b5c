import type { Advice } from "../cost/advice.ts";
import type { Config } from "../schema/config.ts";

const IDLE_DAYS = 30;
const DAY_MS = 86_400_000;

/** What logs say of who was asked when. */
export interface Seen {
  /** The last call (ISO time), by the model as it was logged. */
  readonly lastSeen: ReadonlyMap<string, string>;
  /** Days that the logs span. */
  readonly days: number;
  readonly nowMs: number;
}

/** Configured models that no call of the last 30 days was answered by, in logs that reach that far back. */
export function idleModels(models: Config["models"], { lastSeen, days, nowMs }: Seen): readonly Advice[] {
  if (days < IDLE_DAYS) return [];
  return Object.entries(models).flatMap(([name, { model }]) => {
    const last = lastSeen.get(model) ?? lastSeen.get(name);
    if (last !== undefined && nowMs - Date.parse(last) < IDLE_DAYS * DAY_MS) return [];
    return [
      {
        kind: "idle-model" as const,
        where: name,
        calls: 0,
        savingUsdPerMonth: null,
        lower: null,
        upper: null,
        blank: "what its host costs is not in the logs",
        assumption: `nobody asked it for ${IDLE_DAYS} days before the last logged call`,
        basis: "estimated from logs" as const,
      },
    ];
  });
}
