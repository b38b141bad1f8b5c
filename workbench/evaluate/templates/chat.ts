import { armsText, jsonLines, type Template } from "./template.ts";

const ROWS = [
  { id: "1", input: { text: "What is the capital of France?" }, expected: "Paris" },
  { id: "2", input: { text: "How many days has a week?" }, expected: "7" },
  { id: "3", input: { text: "Which planet is the largest?" }, expected: "Jupiter" },
];
const ANSWERS = ["It is Paris.", "A week has 7 days.", "The largest planet is Saturn."];

/** Questions with a right answer each: asked of the project's models, or of written answers where it has none. */
export const chat: Template = (input) => {
  const { name, models } = input;
  const names = ["chat", "contains", "jsonl", ...(models.length === 0 ? ["recorded"] : []), "suite"].join(
    ", ",
  );
  return {
    [`data/${name}.jsonl`]: jsonLines(ROWS),
    ...(models.length === 0
      ? { [`data/${name}-answers.jsonl`]: jsonLines(ROWS.map(({ id }, i) => ({ id, output: ANSWERS[i] }))) }
      : {}),
    [`${name}.eval.ts`]: `import { z } from "zod";
import { ${names} } from "workbench";

const Row = z.looseObject({ id: z.string(), input: z.object({ text: z.string() }), expected: z.string() });
type Row = z.infer<typeof Row>;

export default suite("${name}", {
  arms: ${armsText(input, '{ output: "output" }')}, // names of workbench.config.yaml
  data: jsonl("evals/data/${name}.jsonl", { row: Row }),
  task: chat<Row>({ user: (s) => s.input.text, maxTokens: 50 }),
  scorers: [contains()],
});
`,
  };
};

/** The same as a golden set: one file, no code. Its header names models only. */
export const data: Template = ({ name, models: [baseline, candidate] }) => ({
  [`${name}.suite.jsonl`]: jsonLines([
    {
      schema: "workbench/suite@1",
      arms: {
        ...(baseline === undefined ? {} : { baseline }),
        ...(candidate === undefined ? {} : { candidate }),
      },
      prompt: "{text}",
      maxTokens: 50,
      scorers: ["contains"],
      slices: ["kind"],
    },
    ...ROWS.map((row, i) => ({ ...row, kind: i === 1 ? "number" : "name" })),
  ]),
});
