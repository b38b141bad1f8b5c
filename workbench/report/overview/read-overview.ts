import { openCatalog } from "../../catalog/catalog.ts";
import { listImports } from "../../catalog/segments.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { asker } from "./ask.ts";
import type { Calls, Overview } from "./overview.ts";
import { readCalls } from "./read-calls.ts";

/** More than this many days are shown as weeks, more weeks as months. */
const MAX_PERIODS = 100;

/**
 * The overview of a project's store, or null when nothing was imported. Groups of fewer than five people are
 * merged or left out. Throws WB_INTEGRITY (exit 6) when a segment is not what its manifest says.
 */
export async function readOverview(
  project: Project,
  effects: Effects = realEffects,
): Promise<Overview | null> {
  if ((await listImports(project, effects)).length === 0) return null;
  const catalog = await openCatalog(project, effects);
  try {
    const [span] = await asker(catalog, {}, effects)<Span>("span");
    if (!span) throw new TypeError("span.sql gave no row");
    const period = periodOf(span);
    const start = period === "day" ? "day" : `date_trunc('${period}', day)::DATE`;
    const ask = asker(catalog, { person: personOf(span), period: start }, effects);
    const { days: _days, weeks: _weeks, ...shown } = span;
    return {
      ...shown,
      calls: span.interactions === 0 ? null : await readCalls(ask, period),
      imports: await ask("imports"),
      quarantine: await ask("quarantine"),
      lossy: await ask("lossy"),
      redactions: await ask("redactions"),
    };
  } finally {
    catalog.close();
  }
}

type Span = Pick<Overview, "interactions" | "dated" | "withUser" | "users"> & {
  readonly days: number;
  readonly weeks: number;
};

function periodOf({ days, weeks }: Span): Calls["period"] {
  if (days <= MAX_PERIODS) return "day";
  return weeks <= MAX_PERIODS ? "week" : "month";
}

/** Whose call it is: the user, or where the log names none the conversation, the trace or the call itself. */
const personOf = ({ interactions, withUser }: Span): string =>
  withUser === interactions ? "user_key" : "coalesce(user_key, conversation_id, trace_id, interaction_id)";
