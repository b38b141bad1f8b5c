import { LEAST_INTERACTIONS, LEAST_PAIRS, type Answer, type Facts } from "./facts.ts";

/** SFT, DPO, or neither yet: by how many examples and pairs there are. */
export function method({ logs, examples, pairs }: Facts): Answer {
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
