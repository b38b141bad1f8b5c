import { jsonLines, writtenArms, type Template } from "./template.ts";

/** A task of each QE category in its smallest form. */
export const qe: Template = ({ name }) => {
  const source = "export function sign(n) {\n  if (n > 0) return 1;\n  return n < 0 ? -1 : 0;\n}";
  const facts = { of: 4, missed: 3, conditions: [2, 3] };
  const run = (n: number, host: string): object => ({
    run: n,
    commit: "a1b2c3d",
    hour: n % 24,
    workers: 2,
    after: "login",
    host,
    seed: 7,
    passed: host !== "mirror-2",
  });
  const runs = Array.from({ length: 8 }, (_, i) => run(i + 1, `mirror-${(i % 2) + 1}`));
  const diff =
    "--- a/page.js\n+++ b/page.js\n@@ -1,2 +1,2 @@\n export const SIZE = 10;\n-export const from = (page) => (page - 1) * SIZE;\n+export const from = (page) => page * SIZE;\n";
  const row = (
    id: string,
    input: { readonly category: string; readonly [more: string]: unknown },
    expected: object,
  ): object => ({ id, category: input.category, input, expected });
  const tests = `\`\`\`js
import assert from "node:assert/strict";
import test from "node:test";
import { sign } from "./subject.mjs";
test("sign", () => assert.deepEqual([5, -5, 0].map(sign), [1, -1, 0]));
\`\`\``;
  return {
    [`data/${name}.jsonl`]: jsonLines([
      row(
        "tests",
        { category: "test-generation", language: "javascript", spec: "sign(n) is 1, 0 or -1.", source },
        {
          mutants: [
            { line: 2, to: "  if (n >= 0) return 1;" },
            { line: 3, to: "  return n < 0 ? 1 : 0;" },
          ],
        },
      ),
      row(
        "gaps",
        {
          category: "coverage",
          language: "javascript",
          ask: "branches",
          source,
          tests: ["assert.equal(sign(3), 1);"],
          facts,
        },
        { gaps: ["2:false", "3:true", "3:false"] },
      ),
      row(
        "flaky",
        { category: "flaky", test: "upload", runs },
        { class: "network", field: "host", values: ["mirror-2"] },
      ),
      row(
        "review",
        { category: "review", language: "javascript", about: "pages", diff },
        { defects: [{ line: 2, kind: "boundary" }] },
      ),
    ]),
    [`data/${name}-answers.jsonl`]: jsonLines([
      { id: "tests", output: tests },
      { id: "gaps", output: '{"gaps":["2:false","3:true","3:false"]}' },
      { id: "flaky", output: '{"class":"network","field":"host","value":"mirror-2"}' },
      { id: "review", output: '[{"line":2,"kind":"boundary"}]' },
    ]),
    [`${name}.eval.ts`]: `import { jsonl, qeQuality, qeTask, recorded, suite } from "workbench";

export default suite("${name}", {
  arms: ${writtenArms(name)},
  data: jsonl("evals/data/${name}.jsonl"),
  task: qeTask({ maxTokens: 2000 }),
  scorers: [qeQuality()],
  slices: ["category"],
});
`,
  };
};
