import { spawn } from "node:child_process";
import { cp, mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { seeded } from "../../stats/random.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const COPIED = [
  "package.json",
  "package-lock.json",
  "workbench.config.yaml",
  "observablehq.config.js",
  "evals",
  "recipes",
  "scripts",
  "reports/style.css",
  "reports/methods.md",
  "reports/components",
  "datasets/routing-sft.dataset.yaml",
  "datasets/routing-dpo.dataset.yaml",
  "datasets/routing-dpo-desk.dataset.yaml",
];

/** A fresh folder with all that the example needs and nothing that a run has made. */
export async function exampleProject(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "wb-loop-"));
  for (const name of COPIED) await cp(join(ROOT, name), join(root, name), { recursive: true });
  for (const name of ["node_modules", "workbench"]) await symlink(join(ROOT, name), join(root, name));
  return root;
}

export interface CliOutcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface CliOptions {
  readonly root: string;
  /** The interpreter to train with, so that no environment has to be made. */
  readonly python: string;
  /** SIGKILL after so many milliseconds. */
  readonly killAfterMs?: number;
}

/** Runs the command line in that project as a process of its own. */
export function cli(args: readonly string[], { root, python, killAfterMs }: CliOptions): Promise<CliOutcome> {
  const start = performance.now();
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [join(ROOT, "workbench/cli/main.ts"), ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, WORKBENCH_PYTHON: python, NO_COLOR: "1" },
    });
    const out = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].on("data", (chunk: Buffer) => (out[name] += chunk.toString("utf8")));
    const timer =
      killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    child.once("error", failed);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      done({ code, signal, ...out, seconds: (performance.now() - start) / 1000 });
    });
  });
}

/** Runs the loop with `kills` SIGKILLs at random moments, each followed by the same command again. */
export async function killedLoop(
  options: CliOptions,
  kills: number,
  seed: string,
): Promise<{ readonly last: CliOutcome; readonly killed: readonly number[] }> {
  const random = seeded(seed);
  const killed: number[] = [];
  while (killed.length < kills) {
    const killAfterMs = 500 + Math.floor(random.uniform() ** 2 * 40_000);
    const outcome = await cli(["start", "--json"], { ...options, killAfterMs });
    if (outcome.signal !== "SIGKILL") return { last: outcome, killed };
    killed.push(killAfterMs);
  }
  return { last: await cli(["start", "--json"], options), killed };
}
