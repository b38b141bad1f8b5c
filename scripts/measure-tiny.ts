/**
 * Measures the example's table again: base, tiny-sft, tiny-dpo-anchored and tiny-dpo-lossy on 400 held-out tickets.
 *
 *   node scripts/measure-tiny.ts [seeds=7,8,9,10] [folder]          python from WORKBENCH_PYTHON, else python3
 *
 * The data arises as in the loop: hurried corrections of the base's answers train the SFT; careful corrections of the
 * SFT's own answers make the pairs of the anchored DPO, those of one desk the pairs of the lossy one. A seed sets
 * tickets, noise, init, order and dropout over one base.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { $ } from "zx";
import { answer, ask, makeTickets, type Priority, type Ticket } from "../workbench/flow/example/tickets.ts";
import { seeded } from "../workbench/stats/random.ts";

const root = join(import.meta.dirname, "..");
const base = join(root, "recipes/bases/tiny-router");
const seeds = (process.argv[2] ?? "7,8,9,10").split(",").map(Number);
const folder = process.argv[3] ?? join(tmpdir(), "measure-tiny");
/** Share of the hurried corrections whose priority is wrong. */
const MISJUDGED = 0.35;

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

const GREEDY = { temperature: 0, seed: 0 };

/** Answers of the base, or of the base with an adapter. */
async function answers(
  adapter: string | null,
  tickets: readonly Ticket[],
  draw = GREEDY,
): Promise<readonly string[]> {
  const prompts = tickets.map(({ text }) => ask(text));
  const reply = await trainer({ command: "reference", base, adapter, prompts, maxTokens: 40, ...draw });
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

/** The right answers, as careful people or the people of one desk see them; the latter take security for account. */
type Care = "careful" | "one-desk";

/** Pairs from one week: the model answers at a low temperature, every answer that is not what people want is corrected. */
async function pairsOf(
  week: { readonly seed: string; readonly care: Care },
  model: { readonly adapter: string; readonly seed: number },
): Promise<readonly Row[]> {
  const tickets = makeTickets({ seed: week.seed, count: 1200, users: 60 });
  const said = await answers(model.adapter, tickets, { temperature: 0.2, seed: model.seed });
  const say = (content: string): readonly Row[] => [{ role: "assistant", content }];
  return tickets.flatMap((ticket, index) => {
    const taken = week.care === "one-desk" && ticket.queue === "security";
    const wanted = answer(taken ? "account" : ticket.queue, ticket.priority);
    const rejected = said[index] ?? "";
    return rejected === wanted
      ? []
      : [{ prompt: ask(ticket.text), chosen: say(wanted), rejected: say(rejected) }];
  });
}

const other = (priority: Priority): Priority => (priority === "high" ? "normal" : "high");

async function measure(seed: number): Promise<void> {
  const [home, random] = [join(folder, `seed-${String(seed)}`), seeded(`noise:${String(seed)}`)];
  const first = makeTickets({ seed: `a${String(seed)}`, count: 1050, users: 60 });
  const held = makeTickets({ seed: `held-out-${String(seed)}`, count: 400, users: 60 });
  const hurried = ({ queue, priority }: Ticket): string =>
    answer(queue, random.uniform() < MISJUDGED ? other(priority) : priority);
  const examples = first.map((ticket) => ({
    messages: [...ask(ticket.text), { role: "assistant", content: hurried(ticket) }],
  }));
  const sftData = await writeSplit(join(home, "sft-data"), examples);
  const sft = await train("tiny-sft", seed, { start: null, data: sftData, out: join(home, "sft") });
  console.log(`${String(seed).padStart(4)}  valid  queue  exact`);
  console.log(`      ${score(await answers(null, held), held)}  base`);
  console.log(`      ${score(await answers(sft, held), held)}  tiny-sft`);
  const candidates = [
    { name: "tiny-dpo-anchored", week: { seed: `b${String(seed)}`, care: "careful" } },
    { name: "tiny-dpo-lossy", week: { seed: `c${String(seed)}`, care: "one-desk" } },
  ] as const;
  for (const { name, week } of candidates) {
    const pairs = await pairsOf(week, { adapter: sft, seed });
    const data = await writeSplit(join(home, `${name}-data`), pairs);
    const adapter = await train(name, seed, { start: sft, data, out: join(home, name) });
    console.log(`      ${score(await answers(adapter, held), held)}  ${name}, ${String(pairs.length)} pairs`);
  }
}

for (const seed of seeds) await measure(seed);
