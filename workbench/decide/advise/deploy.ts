import type { Answer, Facts } from "./facts.ts";

/** What the newest decision allows. */
export function deploy({ decision }: Facts): Answer {
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
