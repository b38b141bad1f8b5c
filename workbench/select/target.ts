import type { DatasetDefinition } from "../schema/dataset-definition.ts";
import type { Answer, Candidate } from "./candidate.ts";
import type { Removal, Sieved } from "./funnel.ts";
import type { Fired } from "./sieve.ts";
import { removal } from "./sieve.ts";

type Rule = DatasetDefinition["target"];

/**
 * Chooses the answer each row would teach. `corrected-or-accepted` takes the correction where a
 * person wrote one, and otherwise the model's answer if the feedback on it is good: a positive
 * explicit component, or none and a positive implicit one. Silence is not consent.
 */
export function chooseTarget(candidates: readonly Candidate[], rule: Rule): Sieved<Candidate> {
  const kept: Candidate[] = [];
  const removed: Removal[] = [];
  for (const candidate of candidates) {
    const target = targetOf(candidate, rule);
    if ("rule" in target) removed.push(removal(candidate, target));
    else kept.push({ ...candidate, target });
  }
  return { kept, removed };
}

function targetOf(candidate: Candidate, rule: Rule): Answer | Fired {
  const { original, correction } = candidate;
  if (rule === "original") return original;
  if (correction && rule !== "accepted") return correction;
  if (correction) return { rule: "corrected", detail: "the answer was corrected, so it was not accepted" };
  if (rule === "corrected") return { rule: "no-correction", detail: "nobody corrected this answer" };
  const { explicit, implicit } = original.score;
  if (explicit === null && implicit === null)
    return { rule: "no-feedback", detail: "nobody reacted to this answer" };
  if ((explicit ?? implicit ?? 0) > 0) return original;
  return {
    rule: "not-accepted",
    detail: `feedback: explicit ${explicit ?? "none"}, implicit ${implicit ?? "none"}, and no correction`,
  };
}
