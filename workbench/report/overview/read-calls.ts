import type { Calls, Cell, Figures } from "./overview.ts";
import { MIN_PEOPLE, mergeSmall, peopleAtLeast } from "./merge-small.ts";
import type { Marks, Merged } from "./merge-small.ts";
import type { Ask } from "./ask.ts";
import { readFeedback, readQuality } from "./read-means.ts";

/** Models and agents that stand alone at most; the others are one group. */
const TOP = 7;

/** What the calls say; null when fewer than five people made them. */
export async function readCalls(ask: Ask, period: Calls["period"]): Promise<Calls | null> {
  const cube = await ask<Counted>("cube");
  const kept = keptOf(cube);
  if (kept === null) return null;
  const { periods, models, agents } = kept;
  const figures = await ask<Grouped>("figures", kept);
  const of = (wanted: number): readonly Figures[] =>
    figures.filter(({ set }) => set === wanted).map(figuresOf);
  const [total] = of(SETS.all);
  const [withFeedback] = await ask<{ withFeedback: number }>("with-feedback");
  if (!total || !withFeedback) throw new TypeError("a query over all calls gave no row");
  return {
    total,
    ...withFeedback,
    period,
    periods: periods.length === 0 ? [] : [...of(SETS.period)].sort(byPeriod),
    models: {
      figures: of(SETS.model),
      cells: cellsOf(cube, { set: SETS.periodModel, periods, kept: models }),
    },
    agents: {
      figures: of(SETS.agent),
      cells: cellsOf(cube, { set: SETS.periodAgent, periods, kept: agents }),
    },
    feedback: await readFeedback(ask),
    quality: await readQuality(ask),
  };
}

/** What GROUPING gives for each grouping set of cube.sql and figures.sql. */
const SETS = { all: 7, period: 3, model: 5, agent: 6, periodModel: 1, periodAgent: 2 } as const;

interface Counted extends Marks {
  readonly set: number;
  readonly period: string | null;
  readonly model: string | null;
  readonly agent: string | null;
  readonly calls: number;
}

/** The groups that may stand alone; null when there are too few people for anything. */
function keptOf(cube: readonly Counted[]): Kept | null {
  const merged = (set: number, keyOf: (row: Counted) => string | null, top = Infinity): Merged =>
    mergeSmall(
      cube.filter((row) => row.set === set).map((row) => ({ ...row, key: keyOf(row) ?? UNDATED })),
      top,
    );
  if (merged(SETS.all, () => "").isHidden) return null;
  return {
    periods: merged(SETS.period, ({ period }) => period).kept.filter((key) => key !== UNDATED),
    models: merged(SETS.model, ({ model }) => model, TOP).kept,
    agents: merged(SETS.agent, ({ agent }) => agent, TOP).kept,
  };
}

const UNDATED = "undated";

type Kept = Readonly<Record<"periods" | "models" | "agents", readonly string[]>>;

/** In order of time; what is merged comes last. */
function byPeriod({ key: a }: Figures, { key: b }: Figures): number {
  return a === null ? 1 : b === null || a < b ? -1 : 1;
}

function figuresOf({ set: _, seenA, seenB, completed, ...figures }: Grouped): Figures {
  return { ...figures, completed: peopleAtLeast([{ seenA, seenB }]) >= MIN_PEOPLE ? completed : null };
}

/** A row of figures.sql: which grouping it belongs to, and who stands behind its outcomes. */
type Grouped = Figures & Marks & { readonly set: number };

interface CellPlan {
  readonly set: number;
  readonly periods: readonly string[];
  readonly kept: readonly string[];
}

/** Calls of each kept group in each kept period; the difference to the period's calls are the others'. */
function cellsOf(cube: readonly Counted[], { set, periods, kept }: CellPlan): readonly Cell[] {
  return [...periods].sort().flatMap((period) => {
    const rows = cube.filter((row) => row.set === set && row.period === period);
    const all = cube.find((row) => row.set === SETS.period && row.period === period)?.calls ?? 0;
    const named = rows.map((row) => ({ ...row, key: row.model ?? row.agent ?? "" }));
    // Groups merged in the whole are one group here, too.
    const known = named.filter(({ key }) => kept.includes(key));
    const rest = named.filter(({ key }) => !kept.includes(key));
    const alone = mergeSmall(known.concat(rest)).kept.filter((key) => kept.includes(key));
    const cells = kept.flatMap((key) => {
      const row = known.find((one) => one.key === key);
      return row && alone.includes(key) ? [{ period, key, calls: row.calls }] : [];
    });
    const calls = all - cells.reduce((sum, cell) => sum + cell.calls, 0);
    return calls > 0 ? [...cells, { period, key: null, calls }] : cells;
  });
}
