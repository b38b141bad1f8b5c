import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { decide } from "../../workbench/decide/decide.ts";
import { evaluateRecorded, project } from "./evaluate.ts";
import { examples, type Example } from "./examples.ts";
import { decisionTables } from "./tables.ts";

export const PAGE = join(project.root, "docs", "worked-examples.md");

/** The page of worked examples: every figure is read from a decision record. */
export async function workedExamples(): Promise<string> {
  const parts: string[] = [];
  for (const example of examples) parts.push(await section(example));
  const text = [
    "# Worked examples on real recordings",
    "",
    "Four comparisons of published models, from recorded answers to the verdict. No model is called, so anyone with the recordings gets the same bytes.",
    "Every figure is read from a decision record by `npm run examples:real-data`; `npm run check:real-data` compares them with the published ones.",
    "[verdicts.md](verdicts.md) says what each word means.",
    ...parts,
  ].join("\n");
  return format(text, { parser: "markdown", printWidth: 110, embeddedLanguageFormatting: "off" });
}

async function section(example: Example): Promise<string> {
  const { suite, policy, baseline, candidate } = example;
  const { id } = await evaluateRecorded(suite);
  const { computed } = await decide({ project, evalRun: id, policy, baseline, candidate });
  const arms = baseline === "baseline" ? "" : ` --baseline ${baseline} --candidate ${candidate}`;
  const rules = await readFile(join(project.evals, "policies", `${policy}.yaml`), "utf8");
  return [
    `\n## ${example.title}\n`,
    `${example.question}\n`,
    `\`\`\`sh\nworkbench eval ${suite}\nworkbench decide --policy ${policy}${arms}\n\`\`\`\n`,
    "The policy, written before:\n",
    `\`\`\`yaml\n${rules.trim()}\n\`\`\`\n`,
    `**${computed.verdict}**: ${computed.sentence}\n`,
    decisionTables(computed),
    example.reading,
  ].join("\n");
}
