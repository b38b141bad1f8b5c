import { jsonLines, writtenArms, type Template } from "./template.ts";

/** Rankings with graded judgements: 3 answers the question, 1 touches it. */
export const retrieval: Template = ({ name }) => ({
  [`data/${name}.jsonl`]: jsonLines([
    { id: "1", input: { query: "send an item back" }, expected: { returns: 3, refunds: 1 } },
    { id: "2", input: { query: "where is my parcel" }, expected: { tracking: 3, lost: 2 } },
    { id: "3", input: { query: "money back" }, expected: { refunds: 3, returns: 2 } },
  ]),
  [`data/${name}-answers.jsonl`]: jsonLines([
    { id: "1", output: '["returns","tracking","refunds"]' },
    { id: "2", output: '["tracking","returns"]' },
    { id: "3", output: '["tracking","refunds"]' },
  ]),
  [`${name}.eval.ts`]: `import { z } from "zod";
import { chat, jsonl, mrr, ndcg, recallAt, recorded, suite } from "workbench";

const Row = z.looseObject({
  id: z.string(),
  input: z.object({ query: z.string() }),
  expected: z.record(z.string(), z.number().int().min(0).max(3)),
});
type Row = z.infer<typeof Row>;

export default suite("${name}", {
  arms: ${writtenArms(name)},
  data: jsonl("evals/data/${name}.jsonl", { row: Row }),
  task: chat<Row>({
    system: "Rank these pages by how well they answer: returns, refunds, tracking, lost. Answer with a JSON list.",
    user: (s) => s.input.query,
    maxTokens: 100,
  }),
  scorers: [ndcg(10, { as: "ndcg" }), recallAt(10, { as: "recall10" }), mrr(10)],
});
`,
});
