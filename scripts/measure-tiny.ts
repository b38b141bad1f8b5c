/**
 * Measures the example's table again: base, tiny-sft, tiny-dpo-anchored and tiny-dpo-lossy on 400 held-out tickets.
 *
 *   node scripts/measure-tiny.ts [seeds=7,8,9,10] [folder]          python from WORKBENCH_PYTHON, else python3
 *
 * The data arises as in the loop: hurried corrections of the base's answers train the SFT, clean corrections of the
 * SFT's own wrong answers make the pairs. A seed sets tickets, init, order and dropout over one base.
 */
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { $ } from "zx";
import { answer, ask, makeTickets, type Ticket } from "../workbench/flow/example/tickets.ts";

const root = join(import.meta.dirname, "..");
const base = join(root, "recipes/bases/tiny-router");
const seeds = (process.argv[2] ?? "7,8,9,10").split(",").map(Number);
const folder = process.argv[3] ?? join(tmpdir(), "measure-tiny");

type Row = Readonly<Record<string, unknown>>;

/** One request to the trainer; its answer, or an error with its reason. */
async function trainer(request: Row): Promise<Row> {
  const python = process.env["WORKBENCH_PYTHON"] ?? "python3";
  const env = { ...process.env, PYTHONPATH: join(root, "scripts") };
  const input = JSON.stringify({ schema: "workbench/trainer-request@1", ...request });
  const done = await $({ input, env, nothrow: true, quiet: true })`${python} -m trainer`;
  if (done.exitCode !== 0)
    throw new Error(`trainer left with ${String(done.exitCode)}: ${done.stdout}${done.stderr}`);
  return JSON.parse(done.stdout) as Row;
}

/** Nested recipe → the lock's flat keys; the recipes write every value, so nothing is defaulted. */
function flatten(value: unknown, prefix = ""): readonly (readonly [string, unknown])[] {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [[prefix, value]];
  return Object.entries(value).flatMap(([key, item]) =>
    flatten(item, prefix === "" ? key : `${prefix}.${key}`),
  );
}

async function lockOf(name: string, seed: number): Promise<Row> {
  const { schema: _schema, ...recipe } = parse(
    await readFile(join(root, `recipes/${name}.yaml`), "utf8"),
  ) as Row & { schema: string };
  const { "optim.warmup.steps": warmupSteps, ...flat } = Object.fromEntries(flatten(recipe));
  return {
    method: recipe["method"],
    effective: { ...flat, "optim.warmupSteps": warmupSteps, "run.seed": seed },
    seed,
  };
}

/** Write rows, every tenth to validation, a tenth to nobody (the test split), the rest to training. */
async function writeSplit(path: string, rows: readonly Row[]): Promise<Row> {
  const part = (name: string, keep: (index: number) => boolean): Promise<void> =>
    writeFile(join(path, name), rows.filter((_, index) => keep(index % 10)).map((row) => JSON.stringify(row) + '\n').join('')); // prettier-ignore
  await mkdir(path, { recursive: true });
  await part("train.jsonl", (digit) => digit < 8);
  await part("val.jsonl", (digit) => digit === 8);
  return { train: join(path, "train.jsonl"), val: join(path, "val.jsonl") };
}

async function train(
  name: string,
  seed: number,
  plan: { readonly start: string | null; readonly data: Row; readonly out: string },
): Promise<string> {
  const begun = performance.now();
  await trainer({
    command: "train",
    lock: await lockOf(name, seed),
    base,
    ...plan,
    threads: 1,
    maxSteps: null,
  });
  console.log(`      ${name} seed ${String(seed)}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return join(plan.out, "adapter");
}

/** Greedy answers of the base, or of the base with an adapter. */
async function answers(adapter: string | null, tickets: readonly Ticket[]): Promise<readonly string[]> {
  const reply = await trainer({
    command: "reference",
    base,
    adapter,
    prompts: tickets.map(({ text }) => ask(text)),
    maxTokens: 40,
  });
  return (reply["prompts"] as readonly { readonly text: string }[]).map(({ text }) => text);
}

/** Shares of valid JSON, right queue and exact answers. */
function score(texts: readonly string[], tickets: readonly Ticket[]): string {
  const shares = [0, 0, 0];
  texts.forEach((text, index) => {
    const ticket = tickets[index] as Ticket;
    const route = readRoute(text);
    const marks = [
      route !== null,
      route?.["queue"] === ticket.queue,
      text === answer(ticket.queue, ticket.priority),
    ];
    marks.forEach((mark, column) => (shares[column] = (shares[column] ?? 0) + Number(mark) / tickets.length));
  });
  return shares.map((share) => share.toFixed(3)).join("  ");
}

function readRoute(text: string): Row | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" ? (value as Row) : null;
  } catch {
    return null;
  }
}

async function measure(seed: number): Promise<void> {
  const home = join(folder, `seed-${String(seed)}`);
  const first = makeTickets({ seed: `a${String(seed)}`, count: 1050, users: 60 });
  const second = makeTickets({ seed: `b${String(seed)}`, count: 1200, users: 60 });
  const held = makeTickets({ seed: `held-out-${String(seed)}`, count: 400, users: 60 });
  const hurried = (ticket: Ticket): string => answer(ticket.queue, ticket.hurried);
  const examples = first.map((ticket) => ({
    messages: [...ask(ticket.text), { role: "assistant", content: hurried(ticket) }],
  }));
  const sft = await train("tiny-sft", seed, {
    start: null,
    data: await writeSplit(join(home, "sft-data"), examples),
    out: join(home, "sft"),
  });
  const own = await answers(sft, second);
  const say = (content: string): readonly Row[] => [{ role: "assistant", content }];
  const pairs = second.flatMap((ticket, index) => {
    const [right, said] = [answer(ticket.queue, ticket.priority), own[index] as string];
    return said === right ? [] : [{ prompt: ask(ticket.text), chosen: say(right), rejected: say(said) }];
  });
  const data = await writeSplit(join(home, "dpo-data"), pairs);
  await cp(sft, join(home, "start"), { recursive: true });
  console.log(`${String(seed).padStart(4)}  valid  queue  exact   (${String(pairs.length)} pairs)`);
  console.log(`      ${score(await answers(null, held), held)}  base`);
  console.log(`      ${score(await answers(sft, held), held)}  tiny-sft`);
  for (const name of ["tiny-dpo-anchored", "tiny-dpo-lossy"]) {
    const adapter = await train(name, seed, { start: join(home, "start"), data, out: join(home, name) });
    console.log(`      ${score(await answers(adapter, held), held)}  ${name}`);
  }
}

for (const seed of seeds) await measure(seed);
