// Writes the QE suite's data: `node evals/qe/build.ts`. Mutants are planted, coverage measured and histories
// drawn here, never by hand; the same sources give the same bytes.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { coverageTasks, flakyTasks, reviewTasks, testGenerationTask, type QeTask } from "./tasks.ts";
import { readUnits } from "./units.ts";

const DATA = join(import.meta.dirname, "../data");
const units = readUnits();
const tasks: readonly QeTask[] = [
  ...units.map(testGenerationTask),
  ...coverageTasks(units),
  ...flakyTasks(),
  ...reviewTasks(),
];
const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const answers = (kind: "reference" | "lazy"): string =>
  lines(tasks.map((task) => ({ id: task.row.id, output: task[kind] })));
await writeFile(join(DATA, "qe.jsonl"), lines(tasks.map(({ row }) => row)));
await writeFile(join(DATA, "qe-reference.jsonl"), answers("reference"));
await writeFile(join(DATA, "qe-lazy.jsonl"), answers("lazy"));
const counts = [...Map.groupBy(tasks, ({ row }) => `${row.category} ${row.difficulty}`)];
for (const [name, list] of counts) console.log(`${name}: ${list.length}`);
