/** One worked example: what was asked, and what a reader should take from the answer. */
export interface Example {
  readonly title: string;
  readonly question: string;
  readonly suite: string;
  readonly policy: string;
  readonly baseline: string;
  readonly candidate: string;
  readonly reading: string;
}

export const examples: readonly Example[] = [
  {
    title: "GSM8K, 6 billion parameters: verification against fine-tuning",
    question:
      "1,319 grade-school problems, each answered by both models (openai/grade-school-math, MIT). Does a verifier on top of fine-tuning solve more of them?",
    suite: "gsm8k",
    policy: "gsm8k",
    baseline: "6b_finetuning",
    candidate: "6b_verification",
    reading:
      "The same problems were put to both, so only the pairs on which the two differ carry information. Comparing the two rates as if they came from different problems would give a wider interval and, with fewer items, a miss. The whole interval lies above zero: the claim is proven, by far more than the policy asked.",
  },
  {
    title: "GSM8K, 175 billion parameters",
    question: "The same question for the large models.",
    suite: "gsm8k",
    policy: "gsm8k",
    baseline: "175b_finetuning",
    candidate: "175b_verification",
    reading:
      "The gain holds at the large size. It is tempting to compare the two gains; that is another question, with another policy, and this record does not answer it.",
  },
  {
    title: "AlpacaEval 2: OpenHermes-2.5 against gpt-3.5-turbo-1106",
    question:
      "805 instructions; a judge weighed each answer against GPT-4's and gave a graded preference (tatsu-lab/alpaca_eval, Apache-2.0). Which of the two wins more often?",
    suite: "alpaca-eval",
    policy: "alpaca-eval",
    baseline: "baseline",
    candidate: "candidate",
    reading:
      "A leader board would rank the first above the second. The interval holds zero, so nothing was shown, and the policy's own limit on samples says whether asking more is worth it. Wilcoxon's small p answers another question, whether small preferences lean to one side more often than not; that is why rank tests never decide about a mean. The judge saw each pair in one order only: whether it prefers a place cannot be told from these recordings, which is one more reason not to let them decide.",
  },
  {
    title: "tau-bench airline: one agent, four trials a task",
    question:
      "50 tasks, each tried four times by gpt-4o (sierra-research/tau-bench, MIT). The agent is set against itself, which must never win, and against a floor of 30 %.",
    suite: "tau-bench",
    policy: "tau-bench",
    baseline: "gpt-4o",
    candidate: "gpt-4o",
    reading:
      "200 trials are 50 tasks: repeats are reduced before any error is computed. Taken as 200 independent samples the standard error would be 0.035 instead of 0.052, and the floor would look safer than it is. Against itself the agent is inconclusive, as it must be.",
  },
];
