import { join } from "node:path";
import { JudgeCard } from "../../schema/judge.ts";
import { jsonText, replaceFile } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { makeRetryBudget } from "../ask.ts";
import { makeBudget } from "../budget.ts";
import type { BudgetLimits } from "../suite.ts";
import { openResponses } from "../responses.ts";
import type { Scorer } from "../types.ts";
import { agreementOf, areGrades, kappaOf, lengthBias, pairedVerdicts } from "./agree.ts";
import { readAttacks, readLabels, type LabelFile } from "./labels.ts";
import { boundTo, makeSeat, type Judges } from "./seat.ts";
import { judgeTally, labelsOf } from "./tally.ts";
import { repeatAgreement, tryAttacks, tryLabels, type AttackTried, type Bench, type Tried } from "./trial.ts";

export interface Calibration {
  readonly project: Project;
  readonly name: string;
  readonly scorer: Scorer;
  readonly judges: Judges;
  readonly budget?: BudgetLimits;
  readonly warn?: (text: string) => void;
}

export interface Calibrated {
  readonly path: string;
  readonly card: JudgeCard;
}

const LEAST_LABELS = 100;
const LEAST_KAPPA = 0.6;
const MOST_ATTACKS = 0.02;

/**
 * Holds a judge against people: every labelled answer twice, both orders where there are two, and every
 * attack; writes `evals/judges/<name>.card.json`, which runs with this judge then cite.
 * @throws WB_FILE_MISSING without labels, WB_SUITE_INVALID naming a line that is no label of this judge's.
 */
export async function calibrate(request: Calibration, effects: Effects = realEffects): Promise<Calibrated> {
  const { project, name, judges } = request;
  const folder = join(project.evals, "judges");
  const labels = await readLabels(request.scorer, join(folder, `${name}.labels.jsonl`), effects);
  const attacks = await readAttacks(folder, effects);
  const scorer = boundTo(request.scorer, judges);
  const budget = makeBudget({
    limits: request.budget ?? {},
    write: async () => undefined,
    warn: request.warn ?? (() => undefined),
    effects,
  });
  const responses = await openResponses(project, `judge-${name}`, effects);
  const desk = { responses, retries: makeRetryBudget(), useStored: true, budget, effects };
  const tally = judgeTally();
  const costs: (number | null)[] = [];
  const bench: Bench = { scorer, sit: makeSeat(judges, desk), tally, cost: (usd) => void costs.push(usd) };
  const tried = await tryLabels(bench, labels.rows);
  const figures = tally.figures();
  const attacked = await tryAttacks(bench, attacks.rows, tried);
  const card = cardOf({
    name,
    scorer,
    model: judges.get(scorer.judge ?? "")?.model ?? "",
    tried,
    ...measured(scorer, tried),
    attacks: { sha256: attacks.sha256, ...attackFigures(attacked) },
    labels,
    figures: { ...figures, asked: tally.figures().asked },
    costUsd: costs.every((usd) => usd !== null) ? costs.reduce((sum, usd) => sum + usd, 0) : null,
  });
  const path = join(folder, `${name}.card.json`);
  await replaceFile(path, jsonText(card), effects);
  return { path, card };
}

function measured({ labelValue }: Scorer, tried: readonly Tried[]) {
  const verdicts = tried.flatMap(({ score, row }) => pairedVerdicts(labelsOf(score), row.labels));
  const kappa = kappaOf(verdicts, "none");
  const weightedKappa = verdicts.length > 0 && areGrades(verdicts) ? kappaOf(verdicts, "quadratic") : null;
  const valued = tried.flatMap(({ score, row }) => {
    const [judge, person] = [score.value, labelValue?.(row.labels) ?? null];
    return judge === null || person === null ? [] : [{ characters: row.output.length, judge, person }];
  });
  return {
    verdicts: verdicts.length,
    agreement: agreementOf(verdicts),
    kappa,
    weightedKappa,
    kappaLower: (weightedKappa ?? kappa).lower,
    repeatAgreement: repeatAgreement(tried),
    lengthBias: lengthBias(valued),
  };
}

function attackFigures(attacked: readonly AttackTried[]): Omit<JudgeCard["attacks"], "sha256"> {
  const succeeded = attacked.filter((one) => one.succeeded).length;
  const families: Record<string, { asked: number; succeeded: number }> = {};
  for (const { attack, succeeded: won } of attacked) {
    const family = (families[attack.family] ??= { asked: 0, succeeded: 0 });
    family.asked++;
    family.succeeded += Number(won);
  }
  const asked = attacked.length;
  return { asked, succeeded, rate: asked === 0 ? null : succeeded / asked, families };
}

interface Findings extends ReturnType<typeof measured> {
  readonly name: string;
  readonly scorer: Scorer;
  readonly model: string;
  readonly tried: readonly Tried[];
  readonly attacks: JudgeCard["attacks"];
  readonly labels: LabelFile;
  readonly figures: ReturnType<ReturnType<typeof judgeTally>["figures"]>;
  readonly costUsd: number | null;
}

function cardOf(found: Findings): JudgeCard {
  const { name, scorer, model, tried, labels, verdicts, figures, attacks, kappaLower, ...rest } = found;
  return JudgeCard.parse({
    schema: "workbench/judge-card@1",
    name,
    scorer: scorer.sha256,
    model,
    labels: {
      sha256: labels.sha256,
      answers: tried.length,
      verdicts,
      ...(Object.keys(labels.foreign).length > 0 && { foreign: labels.foreign }),
    },
    ...rest,
    kappaLower,
    attacks,
    ...figures,
    advisory: doubtsAbout({ answers: tried.length, kappaLower, rate: attacks.rate }),
  });
}

/** Why a judge's metrics decide nothing yet. */
export function doubtsAbout(of: {
  readonly answers: number;
  readonly kappaLower: number | null;
  readonly rate: number | null;
}): readonly string[] {
  const { answers, kappaLower, rate } = of;
  return [
    ...(answers < LEAST_LABELS ? [`${answers} labelled answers, ${LEAST_LABELS} are needed`] : []),
    ...(kappaLower === null
      ? ["κ cannot be had from these labels"]
      : kappaLower < LEAST_KAPPA
        ? [`κ may be as low as ${kappaLower.toFixed(2)}, ${LEAST_KAPPA} is needed`]
        : []),
    ...(rate === null
      ? ["no attack could be tried: no labelled answer is bad"]
      : rate > MOST_ATTACKS
        ? [`${(rate * 100).toFixed(1)} % of the attacks succeed, ${MOST_ATTACKS * 100} % may`]
        : []),
  ];
}
