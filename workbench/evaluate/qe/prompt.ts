import { DEFECT_KINDS, FLAKY_CLASSES, QeInput, type FlakyRun } from "./task.ts";

const SYSTEM = "You are a test engineer. Give only what is asked for, in exactly the form that is asked for.";

/**
 * The two turns of a QE task.
 * @throws ZodError where `input` is no QE task.
 * Worked value: a flaky task's user turn ends in one line for each of its runs.
 */
export function qePrompt(input: unknown): { readonly system: string; readonly user: string } {
  return { system: SYSTEM, user: userTurn(QeInput.parse(input)) };
}

function userTurn(input: QeInput): string {
  switch (input.category) {
    case "test-generation":
      return testGeneration(input);
    case "coverage":
      return coverage(input);
    case "flaky":
      return `Below is the history of the test ${input.test}. Say why it fails now and then: one of ${FLAKY_CLASSES.join(", ")}.
"failure" is a test that fails since a commit, whatever else holds; "stable" never failed.
Name the column that shows it (after, hour, workers, host, seed or commit) and one value of that column for which it fails:
the test that ran before it, the hour, the least number of workers, the host, the seed, the first bad commit. For "stable" both are null.
Answer with JSON only: {"class": "…", "field": "…", "value": "…"}

${tableOf(input.runs)}`;
    case "review":
      return `Review this change: ${input.about}. Name each defect that it brings in, by its line in the new file and its kind: ${DEFECT_KINDS.join(", ")}.
A finding that is none costs as much as a defect that is missed. Answer with JSON only: [{"line": 12, "kind": "…"}]

${fenced("diff", input.diff)}`;
  }
}

function testGeneration({ language, spec, source }: QeInput & { category: "test-generation" }): string {
  const form =
    language === "javascript"
      ? 'a module for node:test that imports from "./subject.mjs" and asserts with node:assert/strict'
      : "a module of functions test_…() without arguments that imports from subject and uses assert; the standard library is there, pytest is not";
  return `Write tests for this function: ${form}. They must pass for what is described, and fail for any version that does something else.
A copy of the function is no oracle and is refused. Answer with one fenced block of code.

${spec}

${fenced(language, source)}`;
}

function coverage({ language, ask, source, tests, facts }: QeInput & { category: "coverage" }): string {
  const question =
    ask === "lines"
      ? `Of the ${facts.of} lines that can run, ${facts.missed} never do while these tests run. Which? Answer with JSON only: {"gaps": [3, 4]}`
      : `Lines ${(facts.conditions ?? []).join(", ")} hold one condition each, which can be true or false. Of these ${facts.of} outcomes, ${facts.missed} never come about while the tests run. Which? Answer with JSON only: {"gaps": ["3:false"]}`;
  const numbered = source.split("\n").map((line, i) => `${String(i + 1).padStart(3)}  ${line}`);
  return `${question}

${fenced(language, numbered.join("\n"))}

The tests:

${fenced(language, tests.join("\n"))}`;
}

const COLUMNS = ["run", "commit", "hour", "workers", "after", "host", "seed"] as const;

function tableOf(runs: readonly FlakyRun[]): string {
  const rows = runs.map((run) =>
    [...COLUMNS.map((name) => run[name]), run.passed ? "passed" : "FAILED"].join(" | "),
  );
  return [[...COLUMNS, "result"].join(" | "), ...rows].join("\n");
}

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;
