/**
 * Writes evals/data/support-routing.jsonl: 400 held-out tickets of the example, invented, about nobody.
 *
 *   node scripts/build-suite.ts            --check compares the file instead of writing it
 *
 * The seed is used nowhere else; curation keeps what these tickets say out of training.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeTickets } from "../workbench/flow/example/tickets.ts";

const SEED = "held-out";
const COUNT = 400;
/** Tickets of 20 words and more are a slice of their own: a preference for short answers hurts there first. */
const LONG_WORDS = 20;

const rows = makeTickets({ seed: SEED, count: COUNT, users: 150 }).map(({ id, text, queue, priority }) => ({
  id,
  input: { text },
  expected: { queue, priority },
  length: text.split(/\s+/).length >= LONG_WORDS ? "long" : "short",
}));
const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const path = join(import.meta.dirname, "../evals/data/support-routing.jsonl");

if (!process.argv.includes("--check")) await writeFile(path, text);
else if ((await readFile(path, "utf8")) !== text) {
  console.error(`${path} is not what the example's tickets give: node scripts/build-suite.ts`);
  process.exitCode = 6;
}
