import { z } from "zod";
import { WorkbenchError } from "../../errors/error.ts";
import { canonical } from "../../schema/canonical.ts";
import type { Score } from "../../schema/run.ts";
import { defineScorer, type ScorerOptions } from "../scorers/define.ts";
import type { Labels, ScoreContext, Scored, Scorer } from "../types.ts";
import { askJudge, contextOf, gathered, type Judged, type JudgeParameters } from "./ask-judge.ts";
import { fenced } from "./fence.ts";

export interface Criterion {
  /** Its name among the labels: a-z, 0-9 and -. */
  readonly id: string;
  /** The question to the judge. */
  readonly ask: string;
  /** `yes-no` is judged more steadily than `0-4`. Default `yes-no`. */
  readonly scale?: "yes-no" | "0-4";
  /** Default 1. A grade of 4 counts four times as much as a yes of the same weight. */
  readonly weight?: number;
}

export interface RubricOptions extends ScorerOptions, JudgeParameters {
  readonly criteria: readonly Criterion[];
  /** Show `expected` to the judge as the reference. Default false. */
  readonly reference?: boolean;
}

const VERDICTS = { "yes-no": z.enum(["yes", "no"]), "0-4": z.enum(["0", "1", "2", "3", "4"]) } as const;
const FORMS = { "yes-no": '"yes" or "no"', "0-4": '"0", "1", "2", "3" or "4"' } as const;
const MOST = { "yes-no": 1, "0-4": 4 } as const;

/**
 * A judge grades each criterion alone; the value is Σ weight·grade / Σ weight·most.
 *
 * When to use: qualities that people agree on and no rule decides, once the judge has a card.
 * When not to use: what a rule can decide; a judge of the candidate's own family.
 * Worked value: "yes" with weight 2 and "no" with weight 1 is `{value: 2 / 3}`.
 * @throws WB_SUITE_INVALID for criteria without names of their own.
 */
export function rubric(options: RubricOptions): Scorer {
  const { as, threshold, criteria, reference = false, ...parameters } = options;
  check(criteria);
  const spec = {
    name: "rubric",
    version: 1,
    args: { criteria, reference, ...parameters },
    options: { ...(as === undefined ? {} : { as }), ...(threshold === undefined ? {} : { threshold }) },
  };
  const labelValue = (labels: Labels): number | null => rubricValue(criteria, labels);
  const scorer = defineScorer(spec, async (it, context) => {
    const asked = contextOf(context, parameters.judge);
    const ask = (criterion: Criterion) => askCriterion(criterion, { it, reference, parameters }, asked);
    const judged = await Promise.all(criteria.map(ask));
    return scoreOf(
      Object.fromEntries(criteria.map(({ id }, i) => [id, judged[i] as Judged<string>])),
      labelValue,
    );
  });
  const labelForms = Object.fromEntries(
    criteria.map(({ id, scale = "yes-no" }) => [id, VERDICTS[scale].options]),
  );
  return Object.assign(scorer, { judge: parameters.judge, labelValue, labelForms });
}

function scoreOf(
  judged: Readonly<Record<string, Judged<string>>>,
  labelValue: (labels: Labels) => number | null,
): Score {
  const { evidence, withheld } = gathered(judged);
  if (withheld) return withheld;
  const labels = Object.fromEntries(
    Object.entries(judged).flatMap(([id, one]) => (one.kind === "verdict" ? [[id, one.verdict]] : [])),
  );
  return { value: labelValue(labels), evidence: { ...evidence, labels } };
}

interface Asking {
  readonly it: Scored;
  readonly reference: boolean;
  readonly parameters: JudgeParameters;
}

function askCriterion(
  { ask, scale = "yes-no" }: Criterion,
  { it, reference, parameters }: Asking,
  context: ScoreContext,
): Promise<Judged<string>> {
  const system = "You grade one answer by one criterion.";
  const parts = [
    `Criterion: ${ask}`,
    fenced("INPUT", textOf(it.input)),
    ...(reference ? [fenced("REFERENCE", textOf(it.expected))] : []),
    fenced("OUTPUT", it.output),
  ];
  const question = { system, user: parts.join("\n\n"), verdict: VERDICTS[scale], form: FORMS[scale] };
  return askJudge<string>(question, parameters, context);
}

/** Worked value: grade 3 of 4 with weight 1 and a yes with weight 4 is 7/8. */
export function rubricValue(criteria: readonly Criterion[], labels: Labels): number | null {
  let [earned, most] = [0, 0];
  for (const { id, scale = "yes-no", weight = 1 } of criteria) {
    const label = labels[id];
    if (label === undefined || !VERDICTS[scale].safeParse(label).success) return null;
    earned += weight * (scale === "0-4" ? Number(label) : Number(label === "yes"));
    most += weight * MOST[scale];
  }
  return most === 0 ? null : earned / most;
}

/** What a judge is shown of an input: a text as it is, anything else as canonical JSON. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : canonical(value ?? null);
}

function check(criteria: readonly Criterion[]): void {
  const ids = criteria.map(({ id }) => id);
  const isGood =
    ids.length > 0 &&
    new Set(ids).size === ids.length &&
    ids.every((id) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(id)) &&
    criteria.every(({ weight = 1 }) => weight > 0 && Number.isFinite(weight));
  if (isGood) return;
  throw new WorkbenchError({
    code: "WB_SUITE_INVALID",
    where: "rubric({criteria})",
    what: "each criterion needs a name of its own (a-z, 0-9, -) and a weight above 0",
    fix: 'criteria: [{id: "polite", ask: "Is the answer polite?"}]',
  });
}
