import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import { evaluate } from "./evaluate.ts";
import { loadSuite } from "./load.ts";
import { fakeModel } from "./testing/fake-client.ts";
import { tempProject } from "./testing/project.ts";

const PAGE = resolve(import.meta.dirname, "../../docs/evaluate.md");

/** The first block of the page that is fenced as `language`. */
async function blockOf(language: string): Promise<string> {
  const page = await readFile(PAGE, "utf8");
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? "";
}

test("the suite of the page runs as it stands", async () => {
  const project = await tempProject();
  await writeFile(join(project.evals, "support-routing.eval.ts"), await blockOf("ts"));
  const rows = ["billing", "shipping"].map((queue, i) =>
    JSON.stringify({ id: String(i), input: { text: `to ${queue}` }, expected: { queue } }),
  );
  await writeFile(join(project.evals, "data/support-routing.jsonl"), rows.join("\n"));
  const { suite } = await loadSuite(project, "support-routing", realEffects);
  const answer = (): string => '{"queue":"billing"}';
  const arms = [fakeModel({ answer }).arm, fakeModel({ name: "candidate", answer }).arm];
  const { result } = await evaluate({ project, suite, arms });
  expect(result).toMatchObject({ done: 4, failed: 0, pairing: { complete: 2, promptsDiffer: 0 } });
  expect(result.metrics["candidate"]).toMatchObject({ exact: 0.5 });
});

test("the golden set of the page runs as it stands", async () => {
  const project = await tempProject();
  await writeFile(join(project.evals, "polite.suite.jsonl"), await blockOf("jsonl"));
  const { suite } = await loadSuite(project, "polite", realEffects);
  const { result } = await evaluate({ project, suite, arms: [fakeModel({ answer: () => "yes" }).arm] });
  expect(result.metrics["baseline"]).toMatchObject({ exact: 1, "exact.unscored": 1, polite: 0 });
});
