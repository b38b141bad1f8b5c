import type { Alias, AliasData } from "../schema/registry.ts";
import type { Log, LogEvent } from "./log.ts";
import { registryOf } from "./registry.ts";

/** Where production stands after a promotion or a step back. */
export interface Promoted {
  readonly production: string;
  readonly previous: string | null;
  readonly head: string;
  /** False when this version was in production already. */
  readonly moved: boolean;
  /** Targets that were deployed to, or put back, and how. */
  readonly deployed: readonly string[];
}

/** What the rows since a log head say. */
export function promotedBy(log: Log, sawHead: string): Promoted {
  const { production, previous } = registryOf(log).aliases;
  const seen = log.rows.findIndex(({ hash }) => hash === sawHead) + 1;
  const deployed = log.rows
    .slice(seen)
    .filter(({ kind }) => kind === "deploy.applied" || kind === "deploy.reverted")
    .map(({ kind, data }) => `${String(data["target"])}: ${kind.slice("deploy.".length)}`);
  return { production: production ?? "", previous, head: log.head, moved: log.head !== sawHead, deployed };
}

/** The rows of a promotion: what production was becomes previous. */
export function moves(now: Log, { to, from, record, otherBaseline }: PromotionMove): readonly LogEvent[] {
  const more = otherBaseline === true ? { otherBaseline } : {};
  const production = move(now, { alias: "production", to, from, record, why: "promote", ...more });
  if (from === null) return [production];
  const was = registryOf(now).aliases.previous;
  return [move(now, { alias: "previous", to: from, from: was, record, why: "promote" }), production];
}

interface PromotionMove {
  readonly to: string;
  readonly from: string | null;
  readonly record: string;
  readonly otherBaseline?: boolean;
}

interface Move {
  readonly otherBaseline?: boolean;
  readonly alias: Alias;
  readonly to: string;
  readonly from: string | null;
  readonly record: string | null;
  readonly why: string;
}

/** One alias to one version, as a row of the log. */
export function move(now: Log, { alias, to, from, record, why, otherBaseline }: Move): LogEvent {
  const more = otherBaseline === true ? { otherBaseline } : {};
  const data: AliasData = { alias, to, from, record, move: why, sawHead: now.head, ...more };
  return { kind: "alias.moved", key: `alias:${alias}:${now.head}`, data };
}
