import { jsonl, qeQuality, qeTask, recorded, suite } from "workbench";

// Can a model do a test engineer's work? 100 tasks: 40 of generating tests, 30 of finding coverage gaps, 20 of
// explaining flaky tests, 10 of reviewing changes. Without --arm it shows the scale: from lazy answers to right ones.

export default suite("qe", {
  arms: {
    baseline: recorded("evals/data/qe-lazy.jsonl", { output: "output" }),
    candidate: recorded("evals/data/qe-reference.jsonl", { output: "output" }),
  },
  data: jsonl("evals/data/qe.jsonl"),
  task: qeTask({ maxTokens: 2000 }),
  scorers: [qeQuality()],
  slices: ["category", "difficulty", "language"],
  cluster: "unit",
});
