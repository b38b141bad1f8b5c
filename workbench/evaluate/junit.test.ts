import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EndpointError } from "../endpoint/error.ts";
import { realEffects } from "../store/effects.ts";
import { chat } from "./chat.ts";
import { evaluate } from "./evaluate.ts";
import { writeJunit } from "./junit.ts";
import { contains } from "./scorers/contains.ts";
import { jsonl } from "./source.ts";
import { suite } from "./suite.ts";
import { fakeModel } from "./testing/fake-client.ts";
import { tempProject, writeRows } from "./testing/project.ts";

interface Row {
  readonly input: { readonly text: string };
}

test("right, wrong and failed are what CI expects, and answers stay text", async () => {
  const project = await tempProject();
  await writeRows(project, 3);
  const asking = suite("asking", {
    arms: { baseline: "m" },
    data: jsonl<Row>("evals/data/rows.jsonl"),
    task: chat<Row>({ user: (s) => s.input.text }),
    scorers: [contains()],
  });
  const model = fakeModel({
    answer: (prompt) => {
      if (prompt === "question 1")
        throw new EndpointError({ kind: "refused", origin: "x", what: "<no> & \u0007" });
      return prompt === "question 0" ? "answer 0" : '</failure><script a="1">\u0000\ud800';
    },
  });
  const done = await evaluate({ project, suite: asking, arms: [model.arm] }, realEffects);
  const path = join(project.root, "junit.xml");
  await writeJunit(done, path, realEffects);
  const xml = await readFile(path, "utf8");
  expect(xml).toContain('tests="3" failures="1" errors="1" skipped="0"');
  expect(xml.match(/<testcase /g)).toHaveLength(3);
  expect(xml).not.toMatch(/<script|[\u0000-\u0008]|<no>/);
  expect(xml).toContain("&#60;/failure&#62;&#60;script a=&#34;1&#34;&#62;\ufffd\ufffd");
});
