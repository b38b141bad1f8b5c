import { LEAST_INTERACTIONS, TARGET_PER_AGENT, percent, type Answer, type Facts } from "./facts.ts";

const GOOD_ENOUGH = 0.95;
const SMALL_BILL_USD = 100;

/** Is there enough to learn from, and anything to gain? */
export function train({ logs, usdPerMonth }: Facts): Answer {
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
