/**
 * Regenerates recipes/bases/tiny-router: a model that knows the format of the answer and nothing of the task.
 *
 *   node scripts/build-base.ts [out]          python from WORKBENCH_PYTHON, else python3
 *
 * The chats carry random labels, so that everything an adapter gets right was learned from the adapter's own data.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "zx";
import { answer, ask, makeTickets, priorities, queues } from "../workbench/flow/example/tickets.ts";
import { seeded } from "../workbench/stats/random.ts";

const steps = 405;
const batch = 32;
const root = join(import.meta.dirname, "..");
const out = process.argv[2] ?? join(root, "recipes/bases/tiny-router");

/** One chat per training example, each with a queue and a priority drawn at random. */
function randomChats(): string {
  const random = seeded("base-labels");
  const at = <T>(from: readonly T[]): T => from[random.below(from.length)] as T;
  const chats = makeTickets({ seed: "base", count: steps * batch, users: 500 }).map(({ text }) => ({
    messages: [...ask(text), { role: "assistant", content: answer(at(queues), at(priorities)) }],
  }));
  return chats.map((chat) => JSON.stringify(chat)).join("\n") + "\n";
}

const work = await mkdtemp(join(tmpdir(), "tiny-base-"));
try {
  const rows = join(work, "chats.jsonl");
  await writeFile(rows, randomChats());
  const request = {
    schema: "workbench/trainer-request@1",
    command: "pretrain",
    rows,
    out,
    steps,
    batch,
    lr: 0.003,
    seed: 1,
    threads: 1,
  };
  const python = process.env["WORKBENCH_PYTHON"] ?? "python3";
  const env = { ...process.env, PYTHONPATH: join(root, "scripts") };
  const result = await $({
    input: JSON.stringify(request),
    env,
    stdio: ["pipe", "pipe", "inherit"],
  })`${python} -m trainer`;
  console.log(result.stdout.trim());
} finally {
  await rm(work, { recursive: true, force: true });
}
