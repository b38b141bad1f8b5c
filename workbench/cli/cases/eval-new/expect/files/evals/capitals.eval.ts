import { z } from "zod";
import { chat, contains, jsonl, suite } from "workbench";

const Row = z.looseObject({ id: z.string(), input: z.object({ text: z.string() }), expected: z.string() });
type Row = z.infer<typeof Row>;

export default suite("capitals", {
  arms: { baseline: "ghost" }, // names of workbench.config.yaml
  data: jsonl("evals/data/capitals.jsonl", { row: Row }),
  task: chat<Row>({ user: (s) => s.input.text, maxTokens: 50 }),
  scorers: [contains()],
});
