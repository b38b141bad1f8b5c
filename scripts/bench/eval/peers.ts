import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "./measure.ts";

const HERE = join(import.meta.dirname, "peers");
/** Git-ignored. Their packages weigh 2.5 GB. */
const CACHE = resolve(import.meta.dirname, "../../../.workbench/bench/peers");

/** Another tool that can do the same job. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  readonly ask: (job: Job) => Promise<Command>;
}

export interface Job {
  /** JSONL of {id, input: {text}, expected}. */
  readonly rows: string;
  readonly url: string;
  readonly concurrency: number;
  /** An empty folder for what the tool writes. */
  readonly folder: string;
}

/** Installs the peers that are pinned in peers/; it takes minutes and a network. */
export async function installPeers(): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  await copyFile(join(HERE, "package.json"), join(CACHE, "package.json"));
  const shell = (command: string): void => {
    const { status } = spawnSync(command, { cwd: CACHE, shell: true, stdio: "inherit" });
    if (status !== 0) throw new Error(`${command} ended with ${status}`);
  };
  shell("npm install --no-audit --no-fund --ignore-scripts");
  const python = process.env["WORKBENCH_PYTHON"] ?? "python3";
  shell(`${python} -m venv venv && venv/bin/pip install -q -r ${join(HERE, "requirements.txt")}`);
}

/** The peers that are installed, and the names of those that are not. */
export async function findPeers(): Promise<{
  readonly peers: readonly Peer[];
  readonly absent: readonly string[];
}> {
  const found = [await promptfoo(), await evalite(), await inspect()];
  const names = ["promptfoo", "evalite", "inspect-ai"];
  return {
    peers: found.filter((peer) => peer !== null),
    absent: names.filter((_, i) => found[i] === null),
  };
}

async function versionOf(name: string): Promise<string | null> {
  const path = join(CACHE, "node_modules", name, "package.json");
  if (!existsSync(path)) return null;
  return (JSON.parse(await readFile(path, "utf8")) as { version: string }).version;
}

interface BenchRow {
  readonly input: { readonly text: string };
  readonly expected: string;
}

const rowsOf = async (path: string): Promise<readonly BenchRow[]> =>
  (await readFile(path, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as BenchRow);

async function emptied(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

async function promptfoo(): Promise<Peer | null> {
  const version = await versionOf("promptfoo");
  if (version === null) return null;
  const ask = async ({ rows, url, concurrency, folder }: Job): Promise<Command> => {
    await emptied(folder);
    const tests = (await rowsOf(rows)).map(({ input, expected }) => ({
      vars: { text: input.text },
      assert: [{ type: "contains", value: expected }],
    }));
    const provider = { id: "openai:chat:mock", config: { apiBaseUrl: url, apiKey: "none", max_tokens: 100 } };
    const prompts = [
      JSON.stringify([
        { role: "system", content: "You repeat what you hear." },
        { role: "user", content: "{{text}}" },
      ]),
    ];
    await writeFile(join(folder, "config.json"), JSON.stringify({ prompts, providers: [provider], tests }));
    const bin = join(CACHE, "node_modules/.bin/promptfoo");
    return {
      argv: [
        ...[bin, "eval", "-c", "config.json", "-j", String(concurrency), "-o", "results.json"],
        ...["--no-cache", "--no-table", "--no-progress-bar"],
      ],
      cwd: folder,
      env: {
        PROMPTFOO_CONFIG_DIR: join(folder, "home"),
        PROMPTFOO_DISABLE_TELEMETRY: "1",
        PROMPTFOO_DISABLE_UPDATE: "1",
        PROMPTFOO_DISABLE_REMOTE_GENERATION: "1",
        PROMPTFOO_FAILED_TEST_EXIT_CODE: "0",
      },
    };
  };
  return { name: "promptfoo", version, ask };
}

const EVALITE = `import { readFileSync } from "node:fs";
import { createScorer, evalite } from "evalite";
import OpenAI from "openai";

const client = new OpenAI({ apiKey: "none", baseURL: process.env.BENCH_URL, maxRetries: 0 });
const rows = readFileSync(process.env.BENCH_ROWS, "utf8").trimEnd().split("\\n").map((line) => JSON.parse(line));
evalite("ask", {
  data: () => rows.map(({ input, expected }) => ({ input: input.text, expected })),
  task: async (text) => {
    const reply = await client.chat.completions.create({
      model: "mock",
      max_tokens: 100,
      messages: [{ role: "system", content: "You repeat what you hear." }, { role: "user", content: text }],
    });
    return reply.choices[0].message.content;
  },
  scorers: [createScorer({ name: "contains", scorer: ({ output, expected }) => (output.includes(expected) ? 1 : 0) })],
});
`;

async function evalite(): Promise<Peer | null> {
  const version = await versionOf("evalite");
  if (version === null) return null;
  const ask = async ({ rows, url, concurrency }: Job): Promise<Command> => {
    // It looks for its packages from where it runs, so its folder is beside them.
    const folder = join(CACHE, "evalite");
    await emptied(folder);
    await writeFile(join(folder, "ask.eval.ts"), EVALITE);
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    // Without one of its own, Vitest takes the configuration of the project around it.
    await writeFile(join(folder, "vitest.config.ts"), "export default {};\n");
    await writeFile(
      join(folder, "evalite.config.ts"),
      // In memory, which is less than it does by default: SQLite would have to be compiled for this Node.
      'import { createInMemoryStorage } from "evalite/in-memory-storage";\n' +
        `export default { maxConcurrency: ${concurrency}, testTimeout: 60000, hideTable: true, cache: false, ` +
        "storage: () => createInMemoryStorage() };\n",
    );
    return {
      argv: [join(CACHE, "node_modules/.bin/evalite"), "run"],
      cwd: folder,
      env: { BENCH_URL: url, BENCH_ROWS: rows },
    };
  };
  return { name: "evalite", version, ask };
}

async function inspect(): Promise<Peer | null> {
  const bin = join(CACHE, "venv/bin/inspect");
  if (!existsSync(bin)) return null;
  const pins = await readFile(join(HERE, "requirements.txt"), "utf8");
  const version = /inspect-ai==(\S+)/.exec(pins)?.[1] ?? "";
  const ask = async ({ rows, url, concurrency, folder }: Job): Promise<Command> => {
    await emptied(folder);
    await copyFile(join(HERE, "ask.py"), join(folder, "ask.py"));
    const limits = ["--max-connections", "--max-samples", "--max-tasks"];
    return {
      argv: [
        ...[
          bin,
          "eval",
          "ask.py",
          "--model",
          "openai-api/mock/mock",
          "--max-tokens",
          "100",
          "--display",
          "none",
        ],
        ...["--no-fail-on-error", "--log-dir", "logs"],
        ...limits.flatMap((name) => [name, String(concurrency)]),
      ],
      cwd: folder,
      env: { MOCK_BASE_URL: url, MOCK_API_KEY: "none", BENCH_ROWS: rows },
    };
  };
  return { name: "inspect-ai", version, ask };
}
