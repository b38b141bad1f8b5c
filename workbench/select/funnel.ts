import type { FunnelStep, Reject } from "../schema/dataset.ts";
import { byText } from "./text.ts";

/** Why one row left: the rule, a detail for people, and what was kept in its place. */
export interface Removal {
  readonly interactionId: string;
  /** For the order of lines. */
  readonly key: string;
  readonly rule: string;
  readonly detail: string;
  readonly keptInstead?: string;
  /** Proof that a reader can check by eye, for rules that compare texts. */
  readonly evidence?: unknown;
}

/** What a step returns: every row it was given is either in `kept` or has one removal. */
export interface Sieved<T> {
  readonly kept: readonly T[];
  readonly removed: readonly Removal[];
}

/** The funnel and the rejects of a build, gathered step by step. */
export interface Funnel {
  /** Records a step and hands its survivors on. Throws when rows were lost or doubled: our bug. */
  readonly pass: <A, B>(
    step: string,
    rows: readonly A[],
    sieved: Sieved<B>,
    unit?: "row" | "pair",
  ) => readonly B[];
  readonly steps: () => readonly FunnelStep[];
  readonly rejects: () => readonly Reject[];
}

export function openFunnel(): Funnel {
  const steps: FunnelStep[] = [];
  const rejects: Reject[] = [];
  return {
    pass: (step, rows, { kept, removed }, unit = "row") => {
      if (kept.length + removed.length !== rows.length)
        throw new Error(`step ${step}: ${rows.length} in, ${kept.length} kept, ${removed.length} removed`);
      const counts = new Map<string, number>();
      for (const { rule } of removed) counts.set(rule, (counts.get(rule) ?? 0) + 1);
      steps.push({
        step,
        unit,
        in: rows.length,
        out: kept.length,
        removed: Object.fromEntries([...counts].sort(([a], [b]) => byText(a, b))),
      });
      const lines = [...removed].sort((a, b) => byText(a.key, b.key) || byText(a.detail, b.detail));
      for (const removal of lines) rejects.push(rejectOf(step, removal));
      return kept;
    },
    steps: () => steps,
    rejects: () => rejects,
  };
}

function rejectOf(step: string, { interactionId, rule, detail, keptInstead, evidence }: Removal): Reject {
  return {
    interaction_id: interactionId,
    step,
    rule,
    detail,
    kept_instead: keptInstead ?? null,
    ...(evidence === undefined ? {} : { evidence }),
  };
}
