import { z } from "zod";
import { chat, jsonl, mrr, ndcg, recallAt, recorded, suite } from "workbench";
import { CORPUS } from "./retrieval/corpus.ts";

// Which page of the handbook answers a question? Graded judgements: 3 answers it, 2 helps, 1 touches it. Without
// --arm two recorded rankings are compared: BM25, and BM25 with word endings cut off.

const Row = z.looseObject({
  id: z.string(),
  input: z.object({ query: z.string() }),
  expected: z.record(z.string(), z.number().int().min(0).max(3)),
});
type Row = z.infer<typeof Row>;

const handbook = CORPUS.map(({ id, title, text }) => `${id}: ${title}. ${text}`).join("\n");

export default suite("retrieval", {
  arms: {
    baseline: recorded("evals/data/retrieval-bm25.jsonl", { output: "output" }),
    candidate: recorded("evals/data/retrieval-stemmed.jsonl", { output: "output" }),
  },
  data: jsonl("evals/data/retrieval.jsonl", { row: Row }),
  task: chat<Row>({
    system: `Rank the pages of this handbook by how well they answer a question. Answer with a JSON list of up to ten ids, best first.\n\n${handbook}`,
    user: (s) => s.input.query,
    maxTokens: 200,
  }),
  scorers: [
    ndcg(10, { as: "ndcg" }),
    recallAt(5, { as: "recall5" }),
    recallAt(10, { as: "recall10" }),
    mrr(10),
  ],
  primary: "ndcg",
  slices: ["kind"],
});
