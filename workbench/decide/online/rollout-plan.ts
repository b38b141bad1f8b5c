import type { Policy, StageCheck } from "../../schema/policy.ts";
import { stagePlan } from "./assign.ts";

/** A step of the ladder and what it must show before the next. */
export interface RolloutStep {
  /** Per cent of all traffic on the candidate; 0 is shadow: it answers unseen. */
  readonly percent: number;
  readonly check: StageCheck;
}

/**
 * The ladder with its checks. Without `checks` in the policy they follow from the place: the last step
 * watches, the last one at which both arms still run asks for the verdict, the one before for a trend.
 * Worked value: 10, 25, 50, 100 ask for no_regressions, positive_trend, significant_improvement, final_validation.
 */
export function rolloutSteps({ rollout, online }: Policy): readonly RolloutStep[] {
  const { ladder, checks, shadow } = rollout;
  const isTest = (percent: number): boolean => stagePlan(percent, online.split).isTest;
  const lastTest = ladder.findLastIndex((percent, i) => isTest(percent) && i < ladder.length - 1);
  const steps = ladder.map((percent, i): RolloutStep => {
    const own = checks?.[i];
    if (own !== undefined) return { percent, check: own };
    if (i === ladder.length - 1) return { percent, check: "final_validation" };
    if (i === lastTest) return { percent, check: "significant_improvement" };
    return { percent, check: i === lastTest - 1 ? "positive_trend" : "no_regressions" };
  });
  return shadow ? [{ percent: 0, check: "no_regressions" }, ...steps] : steps;
}
