import { join } from "node:path";
import { z } from "zod";
import { WorkbenchError } from "../errors/error.ts";
import { canonical } from "../schema/canonical.ts";
import { loadConfig } from "../store/config.ts";
import type { Effects } from "../store/effects.ts";
import { folderOf } from "../store/effects.ts";
import { withLock } from "../store/lock.ts";
import type { Project } from "../store/paths.ts";
import { journalSpending, periodStarts, spentSince } from "../store/spending.ts";
import { usdText } from "./purse.ts";
import type { BudgetLimits } from "./suite.ts";

/** A run's share of the project's budgets, held whole from before its first call until it ends. */
export interface Allotment {
  readonly limits: BudgetLimits;
  readonly close: () => Promise<void>;
}

/** A line of `.workbench/allotments.jsonl`: taken, or given back. */
const Line = z.looseObject({
  id: z.string(),
  pid: z.number().int(),
  usd: z.number(),
  taken: z.boolean(),
});

export interface AllotmentRequest {
  readonly project: Project;
  /** The run's own folder: what it spent before it was interrupted is not counted against it twice. */
  readonly folder: string;
  readonly limits: BudgetLimits;
  readonly warn: ((text: string) => void) | undefined;
}

const WARN_AT = 0.8;

/**
 * Narrows a run's limit to what its project may still spend today and this month. What other living runs
 * hold counts as spent, so that two that start at once cannot pass the limit together; what a dead run
 * held is free again but for what its journal says. Refused (WB_BUDGET_SPENT) when nothing is left.
 */
export async function takeAllotment(
  { project, folder, limits, warn }: AllotmentRequest,
  effects: Effects,
): Promise<Allotment> {
  const free = { limits, close: async () => undefined };
  if (!(await effects.stat(project.config))) return free;
  const { budgets } = await loadConfig(project, effects);
  if (budgets.run === undefined && budgets.day === undefined && budgets.month === undefined) return free;
  return patiently(project, effects, async () => {
    const starts = periodStarts(effects.now());
    const held = await heldByOthers(project, effects);
    let most = Math.min(limits.usd ?? Infinity, budgets.run?.usd ?? Infinity);
    for (const [period, budget] of [
      ["day", budgets.day],
      ["month", budgets.month],
    ] as const) {
      if (budget === undefined) continue;
      const { usd } = await spentSince(project, starts[period], effects);
      const own = (await journalSpending(join(folder, "events.jsonl"), starts[period], effects)).usd;
      const left = budget.usd - (usd - own) - held;
      if (left - own <= 0) throw spent(period, { limit: budget.usd, usd, held });
      if (usd >= WARN_AT * budget.usd)
        warn?.(`${usdText(usd)} of this ${period}'s ${usdText(budget.usd)} is spent`);
      most = Math.min(most, left);
    }
    const line = { id: Buffer.from(effects.random(8)).toString("hex"), pid: process.pid, usd: most };
    await note(project, { ...line, taken: true }, effects);
    const close = (): Promise<void> => note(project, { ...line, taken: false }, effects);
    return { limits: { ...limits, usd: most }, close };
  });
}

const ledgerPath = (project: Project): string => join(project.private, "allotments.jsonl");

async function note(project: Project, line: z.infer<typeof Line>, effects: Effects): Promise<void> {
  await effects.mkdir(folderOf(ledgerPath(project)));
  // The newline before it ends a line that a crash left torn.
  await effects.append(ledgerPath(project), `\n${canonical(line)}\n`);
}

/** What living runs hold, this process's others included. A torn line was never acted on. */
async function heldByOthers(project: Project, effects: Effects): Promise<number> {
  if (!(await effects.stat(ledgerPath(project)))) return 0;
  const text = Buffer.from(await effects.read(ledgerPath(project))).toString("utf8");
  const open = new Map<string, z.infer<typeof Line>>();
  for (const raw of text.split("\n")) {
    const line = Line.safeParse(safeJson(raw));
    if (!line.success) continue;
    if (line.data.taken) open.set(line.data.id, line.data);
    else open.delete(line.data.id);
  }
  return [...open.values()]
    .filter(({ pid }) => effects.kill(pid, 0))
    .reduce((sum, { usd }) => sum + (Number.isFinite(usd) ? usd : 0), 0);
}

function safeJson(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return null;
  }
}

async function patiently<T>(project: Project, effects: Effects, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await withLock(join(project.private, "locks", "budgets.lock"), "budgets", work, effects);
    } catch (thrown) {
      const isBusy = thrown instanceof WorkbenchError && thrown.code === "WB_LOCK_BUSY";
      if (!isBusy || attempt === 100) throw thrown;
      await effects.sleep(100);
    }
}

function spent(
  period: "day" | "month",
  { limit, usd, held }: { readonly limit: number; readonly usd: number; readonly held: number },
): WorkbenchError {
  return new WorkbenchError({
    code: "WB_BUDGET_SPENT",
    where: `workbench.config.yaml: budgets.${period}`,
    what: `${usdText(usd)} is spent and ${usdText(held)} held by other runs, of ${usdText(limit)} a ${period}`,
    fix: `wait for the next ${period} (UTC), or raise budgets.${period}.usd; workbench cost budgets shows all of them`,
  });
}
