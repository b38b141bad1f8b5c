import { jsonl, recorded, recordedScore, suite } from "workbench";

// Two models against GPT-4 on 805 instructions, as a judge preferred them: 1 is the baseline's
// answer, 2 the model's. The mean of preference − 1 is the win rate: 9.178 % and 10.340 %.

interface Judged {
  readonly instruction: string;
  readonly dataset: string;
}

const judged = (model: string) =>
  recorded(`real-data:alpaca-eval/${model}.annotations.json.gz`, {
    output: "output_2",
    key: "instruction",
    sampleKey: (sample: { readonly input: string }) => sample.input,
    columns: { preference: "preference" },
  });

export default suite("alpaca-eval", {
  arms: { baseline: judged("gpt-3.5-turbo-1106"), candidate: judged("OpenHermes-2.5-Mistral-7B") },
  data: jsonl("real-data:alpaca-eval/gpt-3.5-turbo-1106.annotations.json.gz", {
    map: ({ instruction, dataset }: Judged) => ({
      input: instruction,
      expected: null,
      metadata: { dataset },
    }),
  }),
  scorers: [recordedScore("preference", { as: "win", value: (preference) => preference - 1 })],
  slices: ["dataset"],
});
