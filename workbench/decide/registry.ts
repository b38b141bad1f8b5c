import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { AliasData, ModelData, type Alias, type LogRow } from "../schema/registry.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { readLog, type Log } from "./log.ts";

/** A registered version as the log tells it. */
export interface ModelVersion extends ModelData {
  readonly seq: number;
  readonly at: string;
}

/** The registry: a view of the log, never stored. */
export interface Registry {
  readonly models: readonly ModelVersion[];
  readonly aliases: Readonly<Record<Alias, string | null>>;
  /** Null when off; else who threw the switch, when and why. */
  readonly kill: { readonly by: string; readonly at: string; readonly reason: string } | null;
  readonly head: string;
  readonly rows: number;
}

export async function readRegistry(project: Project, effects: Effects = realEffects): Promise<Registry> {
  return registryOf(await readLog(project, effects));
}

/** Folds the log's rows, oldest first. */
export function registryOf(log: Log): Registry {
  const models: ModelVersion[] = [];
  const aliases: Record<Alias, string | null> = {
    production: null,
    candidate: null,
    previous: null,
    gold: null,
  };
  let kill: Registry["kill"] = null;
  for (const row of log.rows) {
    if (row.kind === "model.registered")
      models.push({ ...ModelData.parse(row.data), seq: row.seq, at: row.at });
    if (row.kind === "alias.moved") {
      const { alias, to } = AliasData.parse(row.data);
      aliases[alias] = to;
    }
    if (row.kind === "kill.on") kill = { by: row.actor, at: row.at, reason: String(row.data["reason"]) };
    if (row.kind === "kill.off") kill = null;
  }
  return { models, aliases, kill, head: log.head, rows: log.rows.length };
}

/** A version by its tag, its run, or the alias that points at it. */
export function findModel(registry: Registry, name: string): ModelVersion {
  const tag = Object.hasOwn(registry.aliases, name) ? registry.aliases[name as Alias] : name;
  const found = registry.models.find((one) => one.version === tag || one.run === tag);
  if (found) return found;
  throw new WorkbenchError({
    code: "WB_MODEL_UNKNOWN",
    where: "runs/registry/log.jsonl",
    what: `there is no registered model ${quoted(name)}`,
    fix:
      registry.models.length === 0
        ? "register one: workbench registry add <train run>"
        : `known: ${registry.models.map((one) => one.version).join(", ")}`,
  });
}

/** Rows of one kind. */
export function rowsOf(log: Log, kind: LogRow["kind"]): readonly LogRow[] {
  return log.rows.filter((row) => row.kind === kind);
}
