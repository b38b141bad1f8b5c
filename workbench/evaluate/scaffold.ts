import { join, relative } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import { Name } from "../schema/names.ts";
import { replaceFile } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";

/** Writes a suite of ten lines and three rows of data. Nothing that exists is written over. */
export async function newSuite(project: Project, name: string, effects: Effects): Promise<readonly string[]> {
  if (!Name.safeParse(name).success)
    throw new WorkbenchError({
      code: "WB_USAGE",
      what: `${quoted(name)} is no name for a suite`,
      fix: "use a-z, 0-9 and -",
    });
  const suite = join(project.evals, `${name}.eval.ts`);
  const data = join(project.evals, "data", `${name}.jsonl`);
  for (const path of [suite, data])
    if (await effects.stat(path))
      throw new WorkbenchError({
        code: "WB_USAGE",
        where: relative(project.root, path),
        what: "this file is there already",
        fix: "choose another name, or edit the file",
      });
  await replaceFile(data, ROWS.map((row) => `${JSON.stringify(row)}\n`).join(""), effects);
  await replaceFile(suite, SUITE.replaceAll("NAME", name), effects);
  return [relative(project.root, suite), relative(project.root, data)];
}

const ROWS = [
  { id: "1", input: { text: "What is the capital of France?" }, expected: "Paris" },
  { id: "2", input: { text: "How many days has a week?" }, expected: "7" },
  { id: "3", input: { text: "Which planet is the largest?" }, expected: "Jupiter" },
];

const SUITE = `import { z } from "zod";
import { chat, contains, jsonl, suite } from "workbench";

const Row = z.looseObject({ id: z.string(), input: z.object({ text: z.string() }), expected: z.string() });
type Row = z.infer<typeof Row>;

export default suite("NAME", {
  arms: { baseline: "tiny-base", candidate: "tiny-sft" }, // names of workbench.config.yaml
  data: jsonl("evals/data/NAME.jsonl", { row: Row }),
  task: chat<Row>({ user: (s) => s.input.text, maxTokens: 50 }),
  scorers: [contains()],
});
`;
