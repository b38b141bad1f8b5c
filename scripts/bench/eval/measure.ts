import { spawn, type ChildProcess } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Seen } from "./mock.ts";

/** What one command took: CPU is user plus system of its whole process tree. */
export interface Taken {
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Largest resident set of one of its processes, in MB; null where the system does not tell. */
  readonly peakMb: number | null;
  readonly stdout: string;
}

export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end under the shell's own clock. @throws with its output when it fails. */
export async function measure({ argv, cwd, env = {} }: Command): Promise<Taken> {
  const script = `TIMEFORMAT="TOOK %3R %3U %3S"; time "$@"`;
  const child = spawn("bash", ["-c", script, "bash", ...argv], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = [gather(child.stdout), gather(child.stderr)];
  let peakMb: number | null = null;
  const timer = setInterval(() => {
    void peakOf(child.pid ?? 0).then((mb) => {
      if (mb !== null) peakMb = Math.max(peakMb ?? 0, mb);
    });
  }, 100);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearInterval(timer);
  const took = /TOOK ([\d.]+) ([\d.]+) ([\d.]+)\s*$/.exec(stderr());
  if (code !== 0 || !took) throw new Error(`${argv.join(" ")} ended with ${code}\n${stdout()}\n${stderr()}`);
  const [wall, user, system] = took.slice(1).map((text) => Number(text) * 1000) as [number, number, number];
  return { cpuMs: user + system, wallMs: wall, peakMb, stdout: stdout() };
}

function gather(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
  return () => text;
}

/** The largest high-water mark of a process and what it started; Linux only. */
async function peakOf(pid: number): Promise<number | null> {
  const folder = `/proc/${pid}`;
  const status = await readFile(join(folder, "status"), "utf8").catch(() => "");
  const own = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
  const children: number[] = [];
  for (const task of await readdir(join(folder, "task")).catch(() => [])) {
    const list = await readFile(join(folder, "task", task, "children"), "utf8").catch(() => "");
    children.push(...list.trim().split(" ").filter(Boolean).map(Number));
  }
  const others = await Promise.all(children.map(peakOf));
  const most = Math.max(own, ...others.map((mb) => mb ?? 0));
  return most > 0 ? most : null;
}

/** The mock endpoint, running. */
export interface Mock {
  readonly url: (latencyMs: number) => string;
  readonly seen: () => Promise<Seen>;
  readonly close: () => void;
}

export async function startMock(characters: number): Promise<Mock> {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, "mock.ts"), String(characters)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  if (!child.stdout) throw new Error("the mock endpoint has no output");
  const origin = await new Promise<string>((resolve) =>
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once("line", resolve),
  );
  return {
    url: (latencyMs) => `${origin}/ms/${latencyMs}/v1`,
    seen: async () => (await (await fetch(`${origin}/stats`)).json()) as Seen,
    close: () => void child.kill(),
  };
}

/** Worked value: the median of 3, 1, 2 is 2. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}
