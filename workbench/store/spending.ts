import { join } from "node:path";
import { z } from "zod";
import { RunManifest, TrainResult, type JournalLine } from "../schema/run.ts";
import type { Effects } from "./effects.ts";
import { scanJournal } from "./journal.ts";
import type { Project } from "./paths.ts";
import { readJson } from "./read-json.ts";

/** What a day's or a month's runs have spent, by the rows of their journals. */
export interface Spending {
  readonly usd: number;
  /** Answers that were paid for and have no known price. */
  readonly unpriced: number;
}

const Amount = z.looseObject({ usd: z.number() });
const Settled = z.looseObject({ of: z.string(), usd: z.number() });
const Scored = z.looseObject({
  costUsd: z.number().nullable(),
  trace: z.looseObject({ requests: z.array(z.string()), stored: z.number() }),
});

/**
 * Sums what runs spent since an instant (ISO text). A run under a limit says it exactly: settled calls, and
 * reservations that were never settled, whole. Other runs are summed by their scored samples, of which those
 * answered from the store cost nothing. A training counts when it was started.
 */
export async function spentSince(project: Project, from: string, effects: Effects): Promise<Spending> {
  let [usd, unpriced] = [0, 0];
  for (const id of await effects.list(project.runs)) {
    const folder = join(project.runs, id);
    const spent = await journalSpending(join(folder, "events.jsonl"), from, effects);
    usd += spent.usd + (await trainingSpending(folder, from, effects));
    unpriced += spent.unpriced;
  }
  return { usd, unpriced };
}

/** The same of one run's journal. */
export async function journalSpending(path: string, from: string, effects: Effects): Promise<Spending> {
  // A judge's own limit is kept beside the run's, whose events hold judges' calls too.
  const [all, judges] = [makeLedger("budget", from), makeLedger("judges", from)];
  let [scored, unpriced] = [0, 0];
  await scanJournal(
    path,
    (line) => {
      all.visit(line);
      judges.visit(line);
      if (line.at < from || line.kind !== "sample.scored") return;
      const row = Scored.safeParse(line.data);
      if (!row.success || row.data.trace.stored === row.data.trace.requests.length) return;
      if (row.data.costUsd === null) unpriced++;
      else scored += row.data.costUsd;
    },
    effects,
  );
  return all.isKept() ? { usd: all.usd(), unpriced: 0 } : { usd: scored + judges.usd(), unpriced };
}

/** What the events of one limit say: calls settled since an instant, and reservations that never were, whole. */
function makeLedger(events: "budget" | "judges", from: string) {
  const open = new Map<string, number>();
  let [settled, isKept] = [0, false];
  return {
    visit: ({ at, kind, key, data }: JournalLine): void => {
      if (kind === `${events}.reserved`) {
        isKept = true;
        if (at >= from) open.set(key, Amount.parse(data).usd);
      }
      if (kind !== `${events}.settled`) return;
      const { of, usd } = Settled.parse(data);
      open.delete(of);
      if (at >= from) settled += usd;
    },
    /** True where the run had this limit. */
    isKept: (): boolean => isKept,
    usd: (): number => [...open.values()].reduce((sum, usd) => sum + usd, settled),
  };
}

async function trainingSpending(folder: string, from: string, effects: Effects): Promise<number> {
  for (const name of ["manifest.json", "result.json"])
    if (!(await effects.stat(join(folder, name)))) return 0;
  const manifest = RunManifest.safeParse(await readJson(join(folder, "manifest.json"), effects));
  if (!manifest.success || manifest.data.kind !== "train" || manifest.data.at < from) return 0;
  const result = TrainResult.safeParse(await readJson(join(folder, "result.json"), effects));
  return result.success ? (result.data.costUsd ?? 0) : 0;
}

/** The first instant of the UTC day and month of a moment. */
export function periodStarts(now: Date): { readonly day: string; readonly month: string } {
  const text = now.toISOString();
  return { day: `${text.slice(0, 10)}T00:00:00.000Z`, month: `${text.slice(0, 7)}-01T00:00:00.000Z` };
}
