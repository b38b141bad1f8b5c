import type { Interaction } from "../schema/interaction.ts";

/** C8 by its terms; null is "not logged". `total` is null when nothing was. */
export interface Reward {
  readonly total: number | null;
  readonly success: number | null;
  readonly rating: number | null;
  readonly steps: number | null;
  readonly tools: number | null;
  readonly hallucination: number | null;
  readonly latency: number | null;
}

/**
 * The reward of a trajectory (C8, after the fleet design): +10 success, (rating − 3)·2,
 * −0.5·|steps − 3|, +2·tool success rate, −5 hallucination, −1 above 3 s. A stored rating is
 * (r − 3)/2, so its term is four times the stored value.
 *
 * Worked value: success, rating 5, 4 steps, all tools well, 2 s give 10 + 4 − 0.5 + 2 + 0 = 15.5.
 */
export function rewardOf(row: Interaction): Reward {
  const ratings = row.feedback
    .flatMap((signal) => (signal.kind === "rating" && signal.value !== null ? [signal.value] : []))
    .sort((a, b) => a - b);
  const mean = ratings.reduce((sum, value) => sum + value, 0) / ratings.length;
  const terms = {
    success: row.task_completed === null ? null : row.task_completed ? 10 : 0,
    rating: ratings.length === 0 ? null : 4 * mean,
    steps: row.steps.length === 0 ? null : -0.5 * Math.abs(row.steps.length - 3),
    tools: row.tool_success_rate === null ? null : 2 * row.tool_success_rate,
    hallucination: row.hallucination_detected === null ? null : row.hallucination_detected ? -5 : 0,
    latency: row.latency_ms === null ? null : row.latency_ms > 3000 ? -1 : 0,
  };
  const known = Object.values(terms).filter((term) => term !== null);
  return { ...terms, total: known.length === 0 ? null : known.reduce((sum, term) => sum + term, 0) };
}
