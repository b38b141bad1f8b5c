import { exact, jsonl, recorded, suite } from "workbench";

const answers = (name: string) => recorded(`evals/data/${name}.jsonl`, { output: "text" });

// 120 sums, answered long ago by one old model and four that might replace it.
export default suite("sums", {
  arms: {
    baseline: answers("old"),
    candidate: {
      better: answers("better"),
      worse: answers("worse"),
      alike: answers("alike"),
      gaps: answers("gaps"),
    },
  },
  data: jsonl("evals/data/sums.jsonl"),
  scorers: [exact()],
});
