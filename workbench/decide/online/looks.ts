import type { Policy } from "../../schema/policy.ts";
import { confidenceSequence } from "../../stats/confidence-sequence.ts";
import { normalUpper } from "../../stats/distribution.ts";
import { spendingBounds } from "../../stats/group-sequential.ts";
import { isRefused, refused, type Refused } from "../../stats/refused.ts";

/** A look that was taken: units in the smaller arm, and the share of the error spent up to it. */
export interface TakenLook {
  readonly units: number;
  readonly spent: number;
  readonly isFinal: boolean;
}

/** What is there to look at. */
export interface Readiness {
  /** Units in the smaller arm. */
  readonly units: number;
  /** Units in both arms. */
  readonly total: number;
  /** Days from the first exposure. */
  readonly days: number;
}

/** A look and what may be read at it. */
export interface Look extends TakenLook {
  readonly number: number;
  /** Units in both arms, which a confidence sequence counts by. */
  readonly total: number;
  /** The looks before this one, oldest first. */
  readonly before: readonly TakenLook[];
  /** Null: effects may be read. Else why not: nothing is read and nothing is spent. */
  readonly closed: string | null;
  /** Null: a go may be given. Else why only harm may be read. */
  readonly early: string | null;
}

/** Units in the smaller arm at the last planned look. */
export function plannedUnits({ online }: Policy): number {
  return online.maxUnits ?? online.minUnits;
}

/**
 * The look that reading now would be. A fixed plan is read once, complete; a group-sequential one at
 * each declared share of its units (k of max) and no more often; a sequence always; a hybrid always by
 * its sequence and once, complete, by its final test.
 */
export function planLook(policy: Policy, taken: readonly TakenLook[], now: Readiness): Look {
  const { looks, online } = policy;
  const planned = plannedUnits(policy);
  const number = taken.length + 1;
  const lacks = [
    ...(now.units < online.minUnits ? [`${now.units} of ${online.minUnits} units in the smaller arm`] : []),
    ...(now.days < online.minDays ? [`${daysText(now.days)} of ${online.minDays} days`] : []),
  ];
  const isComplete = lacks.length === 0 && now.units >= planned;
  const isDone = taken.some((look) => look.isFinal);
  const share = looks.plan === "group-sequential" ? Math.min(1, number / looks.max) : 1;
  const isFinal = isComplete && !isDone && looks.plan !== "confidence-sequence";
  const shared = { number, units: now.units, total: now.total, before: [...taken], isFinal };
  const early = lacks.length === 0 ? null : `a go needs the planned time and units: ${lacks.join(", ")}`;
  const open = { ...shared, closed: null, early };
  if (looks.plan === "confidence-sequence" || (looks.plan === "hybrid" && !isFinal))
    return { ...open, spent: 0 };
  if (isFinal) return { ...open, spent: 1 };
  const closed = (why: string): Look => ({ ...open, spent: taken.at(-1)?.spent ?? 0, closed: why });
  if (isDone) return closed(`the plan was complete at look ${taken.length}: its verdict stands`);
  const wanted = Math.ceil(share * planned);
  if (looks.plan === "group-sequential" && number < looks.max && now.units >= wanted)
    return { ...open, spent: share };
  const due =
    looks.plan === "fixed" || number >= looks.max
      ? `complete (${planned} units in the smaller arm and ${online.minDays} days)`
      : `at ${wanted} units in the smaller arm`;
  return closed(`look ${number} is planned ${due}; now ${now.units} units, ${daysText(now.days)} days`);
}

function daysText(days: number): string {
  return days.toFixed(1);
}

/** The share of a hybrid's error that its sequence may use to end early. */
export const SEQUENCE_SHARE = 0.2;

/**
 * The one-sided level at which an ordinary interval, read at this look, keeps the promise `alpha` over
 * all looks of the plan: the look's own bound, put back on the scale of a level. Worked value: the first of
 * two O'Brien–Fleming looks at 0.025 reads at 0.001525 (z 2.9626).
 */
export function levelAt(look: Look, { looks, online }: Policy, alpha: number): number | Refused {
  const sequence = (share: number): number | Refused => {
    const plan = { alpha: share, tightAt: 2 * (online.maxUnits ?? online.minUnits) };
    const unit = confidenceSequence({ n: look.total, mean: 0, deviation: 1 }, plan);
    return isRefused(unit) ? unit : normalUpper(unit.upper * Math.sqrt(look.total));
  };
  switch (looks.plan) {
    case "fixed":
      return alpha;
    case "confidence-sequence":
      return sequence(alpha);
    case "hybrid":
      return look.isFinal ? (1 - SEQUENCE_SHARE) * alpha : sequence(SEQUENCE_SHARE * alpha);
    case "group-sequential":
      return groupLevel(look, looks.spending, alpha);
  }
}

/** Bounds already found: integration takes tens of milliseconds, and every rule of a policy asks for the same. */
const KNOWN = new Map<string, number | Refused>();

function groupLevel(look: Look, shape: Policy["looks"]["spending"], alpha: number): number | Refused {
  const key = JSON.stringify([
    [...look.before, look].map(({ units, spent }) => [units, spent]),
    shape,
    alpha,
  ]);
  const found = KNOWN.get(key) ?? integrated(look, shape, alpha);
  KNOWN.set(key, found);
  return found;
}

/** Alpha is spent at the declared shares, whatever information the looks then had. */
function integrated(look: Look, shape: Policy["looks"]["spending"], alpha: number): number | Refused {
  const all = [...look.before, look];
  const most = Math.max(...all.map(({ units }) => units));
  if (!(most > 0)) return refused("no units");
  const bounds = spendingBounds({
    alpha,
    shape,
    sides: 1,
    fractions: all.map(({ units }) => units / most),
    spendAt: all.map(({ spent }) => spent),
  });
  return isRefused(bounds) ? bounds : normalUpper(bounds.at(-1) as number);
}
