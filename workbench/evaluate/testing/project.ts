import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { projectAt, type Project } from "../../store/paths.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");

/** A project in a temporary folder. Its suites find "workbench" and "zod" in this checkout. */
export async function tempProject(config = ""): Promise<Project> {
  const project = projectAt(await mkdtemp(join(tmpdir(), "wb-eval-")));
  onTestFinished(() => rm(project.root, { recursive: true, force: true, maxRetries: 3 }));
  await mkdir(join(project.evals, "data"), { recursive: true });
  await mkdir(join(project.root, "node_modules"));
  await symlink(CHECKOUT, join(project.root, "node_modules/workbench"));
  await symlink(join(CHECKOUT, "node_modules/zod"), join(project.root, "node_modules/zod"));
  await writeFile(project.config, `schema: workbench/config@1\nproject: test\n${config}`);
  await writeFile(join(project.root, "package.json"), '{"type":"module"}');
  return project;
}

/** `count` rows that ask for their own number. */
export async function writeRows(
  project: Project,
  count: number,
  path = "evals/data/rows.jsonl",
): Promise<string> {
  const rows = Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      id: `row-${i}`,
      input: { text: `question ${i}` },
      expected: `answer ${i}`,
      half: i % 2 === 0 ? "even" : "odd",
    }),
  );
  await writeFile(join(project.root, path), `${rows.join("\n")}\n`);
  return path;
}
