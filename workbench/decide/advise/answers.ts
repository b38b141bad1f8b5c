import { newcombe } from "../../stats/newcombe.ts";
import { isRefused } from "../../stats/refused.ts";

/** What the logs, datasets, runs and the registry say; null is not known. */
export interface Facts {
  readonly logs: {
    readonly interactions: number;
    readonly mostOfOneAgent: number;
    readonly users: number;
    readonly withSignal: number;
    readonly good: number;
    readonly bad: number;
    readonly corrected: number;
    readonly withOutcome: number;
    readonly completed: number;
    readonly sincePromotion: number;
    readonly firstHalf: number;
    readonly firstCompleted: number;
    readonly secondHalf: number;
    readonly secondCompleted: number;
  };
  readonly usdPerMonth: number | null;
  /** Rows of the largest dataset version of each kind. */
  readonly examples: number | null;
  readonly pairs: number | null;
  readonly bases: readonly { readonly name: string; readonly bytes: number }[];
  /** Arms without a training run, of the newest eval run that has two or more of them. */
  readonly untrained: readonly {
    readonly arm: string;
    readonly success: number | null;
    readonly usdPerThousand: number | null;
  }[];
  readonly decision: {
    readonly run: string;
    readonly verdict: string;
    readonly reasons: readonly string[];
    readonly sentence: string;
    readonly baselineIsProduction: boolean | null;
    readonly registered: boolean;
  } | null;
  readonly production: { readonly version: string; readonly since: string; readonly days: number } | null;
}

export interface Answer {
  readonly question: "train" | "method" | "base" | "deploy" | "retrain";
  readonly answer: string;
  readonly reasons: readonly string[];
  /** Data that would settle or sharpen the answer. */
  readonly missing: readonly string[];
  readonly next: string;
}

/** C13: below these, prompts and examples in the prompt do as well, and a training tells noise apart badly. */
export const LEAST_INTERACTIONS = 1000;
export const LEAST_PAIRS = 500;
export const TARGET_PER_AGENT = 10_000;
const GOOD_ENOUGH = 0.95;
const SMALL_BILL_USD = 100;
const STALE_DAYS = 90;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** The five questions of a team, answered from what is there; each answer says what it stands on and what is missing. */
export function answersOf(facts: Facts): readonly Answer[] {
  return [train(facts), method(facts), base(facts), deploy(facts), retrain(facts)];
}

function train({ logs, usdPerMonth }: Facts): Answer {
  const { interactions, withSignal, withOutcome, completed, bad, mostOfOneAgent } = logs;
  const missing = [
    ...(withOutcome === 0 ? ["task_completed: without it nobody knows how often tasks fail"] : []),
    ...(withSignal === 0 ? ["feedback: without a signal good answers cannot be told from bad ones"] : []),
    ...(usdPerMonth === null ? ["prices for every logged model: what is there to save is not known"] : []),
  ];
  const reasons = [
    `${interactions} interactions, ${LEAST_INTERACTIONS} are the least; the busiest agent has ${mostOfOneAgent} of the ${TARGET_PER_AGENT} to aim at`,
    `${withSignal} of them carry a signal, ${bad} a bad one`,
    ...(withOutcome > 0
      ? [`${percent(completed / withOutcome)} of ${withOutcome} tasks were completed`]
      : []),
    ...(usdPerMonth === null ? [] : [`the logged calls cost $${usdPerMonth.toFixed(2)} a month`]),
  ];
  const answered = (answer: string, next: string): Answer => ({
    question: "train",
    answer,
    reasons,
    missing,
    next,
  });
  if (interactions < LEAST_INTERACTIONS)
    return answered("not yet: improve the prompt and put examples into it", "workbench ingest <logs>");
  if (withSignal === 0 && withOutcome === 0)
    return answered(
      "cannot tell: nothing says which answers were good",
      "log feedback or task_completed, then ingest again",
    );
  const isGood = withOutcome > 0 && completed / withOutcome >= GOOD_ENOUGH;
  if (isGood && usdPerMonth !== null && usdPerMonth < SMALL_BILL_USD)
    return answered(
      `no: it works, and there is less than $${SMALL_BILL_USD} a month to save`,
      "workbench cost advise",
    );
  return answered(
    isGood ? "yes, for the cost: a smaller model may do as well" : "yes: there are failures to learn from",
    "workbench curate <dataset>",
  );
}

function method({ logs, examples, pairs }: Facts): Answer {
  const [haveExamples, havePairs] = [examples ?? logs.good, pairs ?? logs.corrected];
  const reasons = [
    examples === null ? `${logs.good} interactions are marked good` : `${examples} curated examples`,
    `${pairs === null ? `${logs.corrected} corrections can become pairs` : `${pairs} curated pairs`}, ${LEAST_PAIRS} are the least for DPO`,
  ];
  const missing = [
    ...(examples === null ? ["an SFT dataset: how many examples survive curation is not known"] : []),
    ...(pairs === null ? ["a preference dataset: how many pairs survive curation is not known"] : []),
  ];
  const [sft, dpo] = [haveExamples >= LEAST_INTERACTIONS, havePairs >= LEAST_PAIRS];
  const answer = dpo
    ? sft
      ? "SFT, then DPO from it"
      : "DPO from the model you have"
    : sft
      ? "SFT; DPO when there are more pairs"
      : "neither yet: examples in the prompt";
  const next =
    dpo || sft ? "workbench recipe list" : "collect corrections: each is an example and half a pair";
  return { question: "method", answer, reasons, missing, next };
}

const WITHIN_POINTS = 0.05;

function base({ bases, untrained }: Facts): Answer {
  const known = untrained.filter(({ success }) => success !== null);
  const bySize = [...bases].sort((a, b) => a.bytes - b.bytes);
  const reasons = [
    ...known.map(
      ({ arm, success, usdPerThousand }) =>
        `${arm}: ${percent(success ?? 0)}, ${usdPerThousand === null ? "cost not known" : `$${usdPerThousand.toFixed(4)} per 1,000`}`,
    ),
    ...bySize.map(({ name, bytes }) => `${name} is here, ${(bytes / 1e6).toFixed(1)} MB`),
  ];
  if (known.length < 2)
    return {
      question: "base",
      answer: bySize[0]
        ? `cannot tell; begin with the smallest, ${bySize[0].name}`
        : "cannot tell: no base is here",
      reasons,
      missing: [
        "one eval run with two or more untrained models on your own suite: size is no proof of skill",
      ],
      next: "workbench eval <suite> --arm baseline=<model> --arm candidate=<model>",
    };
  const best = Math.max(...known.map(({ success }) => success ?? 0));
  const near = known.filter(({ success }) => (success ?? 0) >= best - WITHIN_POINTS);
  const isPriced = near.every(({ usdPerThousand }) => usdPerThousand !== null);
  const cheapest = near.toSorted((a, b) => (a.usdPerThousand ?? 0) - (b.usdPerThousand ?? 0))[0];
  const top = known.find(({ success }) => success === best);
  return {
    question: "base",
    answer:
      isPriced || near.length === 1
        ? `${cheapest?.arm ?? ""}: the cheapest within ${WITHIN_POINTS * 100} points of the best, ${percent(best)}`
        : `${top?.arm ?? ""} is the best, ${percent(best)}; which of the ${near.length} near it is cheapest is not known`,
    reasons,
    missing: isPriced ? [] : ["the price of every model compared"],
    next: "set it as base.model in a recipe",
  };
}

function deploy({ decision }: Facts): Answer {
  if (decision === null)
    return {
      question: "deploy",
      answer: "cannot tell: nothing was decided yet",
      reasons: [],
      missing: ["a decision: an evaluation of candidate and baseline under a policy"],
      next: "workbench decide --policy <policy>",
    };
  const { run, verdict, sentence, registered, baselineIsProduction } = decision;
  const reasons = [
    `decision ${run} is ${verdict}: ${sentence}`,
    ...(registered ? [] : ["its candidate is not registered"]),
    ...(baselineIsProduction === false ? ["it compares with something else than production"] : []),
  ];
  const isReady = verdict === "go" && registered && baselineIsProduction !== false;
  const unready = registered
    ? "workbench eval against what production is now"
    : "workbench registry add <train run>";
  const open: Readonly<Record<string, readonly [answer: string, next: string]>> = {
    go: isReady ? ["yes", `workbench promote ${run}`] : ["yes, once it can be promoted", unready],
    "no-go": ["no", "workbench decide --json lists what would flip it"],
    invalid: ["no: the comparison cannot be read", "repair the evidence, then decide again"],
  };
  const [answer, next] = open[verdict] ?? [
    "not yet: more data is needed",
    "workbench decide shows how many samples",
  ];
  return { question: "deploy", answer, reasons, missing: [], next };
}

function retrain({ production, logs }: Facts): Answer {
  if (production === null)
    return {
      question: "retrain",
      answer: "nothing of yours is in production",
      reasons: [],
      missing: ["a promoted version: drift is measured from its day on"],
      next: "workbench advise train",
    };
  const { sincePromotion, firstHalf, firstCompleted, secondHalf, secondCompleted } = logs;
  const change = newcombe(
    { events: firstCompleted, trials: firstHalf },
    { events: secondCompleted, trials: secondHalf },
    0.025,
  );
  const isWorse = !isRefused(change) && change.upper < 0;
  const isStale = production.days > STALE_DAYS && sincePromotion >= LEAST_INTERACTIONS;
  const reasons = [
    `${production.version} is in production for ${production.days.toFixed(0)} days; ${sincePromotion} interactions since`,
    ...(isRefused(change)
      ? []
      : [
          `completion went by ${percent(change.estimate)} from the first half to the second (95 %: ${percent(change.lower)} to ${percent(change.upper)})`,
        ]),
  ];
  const missing = [
    ...(isRefused(change)
      ? ["task_completed of interactions since the promotion: no trend can be told"]
      : []),
    ...(sincePromotion < LEAST_INTERACTIONS
      ? [`${LEAST_INTERACTIONS - sincePromotion} more interactions since the promotion`]
      : []),
  ];
  const answer = isWorse
    ? "yes: it completes fewer tasks than it did"
    : isStale
      ? `worth a try: ${STALE_DAYS} days are over and there is new data`
      : "no: no decline is shown";
  return {
    question: "retrain",
    answer,
    reasons,
    missing,
    next: isWorse || isStale ? "workbench curate <dataset>" : "workbench advise, in a month",
  };
}
