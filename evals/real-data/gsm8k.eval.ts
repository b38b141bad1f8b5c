import { jsonl, numeric, recorded, suite } from "workbench";

// Four real models' recorded answers to the 1 319 test questions of GSM8K. No model is called.
// Must give 286, 515, 458 and 742 right answers, in the order below.

interface Question {
  readonly question: string;
  readonly answer: string;
}

const solutions = (model: string) =>
  recorded("real-data:gsm8k/model-solutions.jsonl.gz", {
    output: `${model}.solution`,
    key: "question",
    sampleKey: (sample: { readonly input: string }) => sample.input,
    columns: { labelled: `${model}.is_correct` },
  });

export default suite("gsm8k", {
  arms: {
    candidate: {
      "6b_finetuning": solutions("6b_finetuning"),
      "6b_verification": solutions("6b_verification"),
      "175b_finetuning": solutions("175b_finetuning"),
      "175b_verification": solutions("175b_verification"),
    },
  },
  data: jsonl("real-data:gsm8k/test.jsonl.gz", {
    map: ({ question, answer }: Question) => ({ input: question, expected: answer }),
  }),
  scorers: [numeric({ after: "A:", truthAfter: "####", as: "correct" })],
});
