import { newcombe } from "../../stats/newcombe.ts";
import { isRefused } from "../../stats/refused.ts";
import { LEAST_INTERACTIONS, percent, type Answer, type Facts } from "./facts.ts";

const STALE_DAYS = 90;

/** Whether what is in production completes fewer tasks than at first, or is old. */
export function retrain({ production, logs }: Facts): Answer {
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
