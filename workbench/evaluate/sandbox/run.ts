import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import type { Child, Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import { bwrapArgs } from "./bwrap.ts";
import { LIMITS, limited, type Limits } from "./limits.ts";
import { inTurn } from "./turns.ts";
import { carriers, descendants, watch } from "./watch.ts";

/** `bwrap`: the sandbox. `process`: only limits and an empty environment; for code that you trust. */
export type Mode = "bwrap" | "process";

export interface Isolated {
  /** argv, never a shell line. A program of the system by its name, another by a path in `readable`. */
  readonly command: readonly string[];
  /** Name → content; they lie, read-only, where the program starts. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly stdin?: string;
  readonly limits?: Partial<Limits>;
  /** Default `bwrap`; it is never exchanged for `process` without being asked. */
  readonly mode?: Mode;
  /** Further paths of this machine that the program may read: an interpreter's folder. */
  readonly readable?: readonly string[];
}

/** The program ran, and this is how it ended. All of it is text of an untrusted program. */
export interface Ended {
  readonly kind: "ended";
  readonly mode: Mode;
  /** Null when it was stopped; 128 + n after signal n. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** The limit for which it was stopped from outside; the kernel's own limits show in `exit`. */
  readonly stopped: "time" | "output" | "memory" | "processes" | null;
}

/** The program never ran: not its fault. */
export interface NotStarted {
  readonly kind: "refused";
  readonly reason: string;
}

/**
 * Runs a program that is not trusted. Under `bwrap` (Linux) it sees no network, no environment, no other
 * process and no file but the system's programs and its own; whatever it leaves behind ends with it.
 * Refused where that cannot be had. `process` must be asked for: it limits, but it does not confine.
 */
export async function runIsolated(
  job: Isolated,
  effects: Effects = realEffects,
): Promise<Ended | NotStarted> {
  const limits = { ...LIMITS, ...job.limits };
  const wrong = Object.keys(job.files ?? {}).find((name) => !isInside(name));
  if (wrong !== undefined) return refused(`a file cannot be called ${JSON.stringify(wrong)}`);
  const run = (job.mode ?? "bwrap") === "bwrap" ? inBox : inProcess;
  return inTurn(() => run(job, limits, effects));
}

const refused = (reason: string): NotStarted => ({ kind: "refused", reason });

const isInside = (name: string): boolean =>
  name !== "" && normalize(name) === name && !/^(\/|\.\.(\/|$)|\.$)/.test(name) && !name.includes("\0");

async function inBox(job: Isolated, limits: Limits, effects: Effects): Promise<Ended | NotStarted> {
  const files = Object.entries(job.files ?? {});
  const isRoot = process.getuid?.() === 0;
  // A user nobody else has: above every range that systems hand out.
  const rootAs = isRoot ? 2_100_000_000 + Buffer.from(effects.random(3)).readUIntBE(0, 3) : null;
  const { command, readable = [] } = job;
  const names = files.map(([name]) => name);
  const args = bwrapArgs({ command, files: names, readable, limits, rootAs });
  const child = effects.spawn("bwrap", args, { detached: true, pipes: 1 + files.length });
  const [status, ...sinks] = child.pipes;
  const told = collect(status, 4096, () => undefined);
  sinks.forEach((sink, i) => sink.end(files[i]?.[1] ?? ""));
  const ran = await follow(child, { stdin: job.stdin ?? "", limits, survivors: async () => [] }, effects);
  const exit = /"exit-code"\s*:\s*(\d+)/.exec(told())?.[1];
  if (exit === undefined && ran.stopped === null)
    return refused(ran.failed ?? `bwrap: ${ran.stderr.trim().slice(0, 300) || "it gave no status"}`);
  return ended("bwrap", ran, exit === undefined ? null : Number(exit));
}

async function inProcess(job: Isolated, limits: Limits, effects: Effects): Promise<Ended | NotStarted> {
  const token = Buffer.from(effects.random(16)).toString("hex");
  const folder = join(tmpdir(), `workbench-box-${token}`);
  const mark = `WORKBENCH_BOX=${token}`;
  const environment = [mark, "PATH=/usr/local/bin:/usr/bin:/bin", `HOME=${folder}`, `TMPDIR=${folder}`];
  try {
    await effects.mkdir(folder);
    for (const [name, content] of Object.entries(job.files ?? {})) {
      await effects.mkdir(dirname(join(folder, name)));
      await effects.write(join(folder, name), content, { mode: 0o600 });
    }
    const isLinux = process.platform === "linux";
    const inside = isLinux ? limited(job.command, limits, false) : job.command;
    const argv = ["-i", ...environment, "LANG=C.UTF-8", ...inside];
    const child = effects.spawn("env", argv, { cwd: folder, detached: true });
    const survivors = (): Promise<readonly number[]> => carriers(mark, effects);
    const ran = await follow(child, { stdin: job.stdin ?? "", limits, survivors }, effects);
    if (ran.failed !== null) return refused(ran.failed);
    return ended("process", ran, ran.code);
  } finally {
    await effects.remove(folder);
  }
}

interface Ran {
  readonly code: number | null;
  readonly failed: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stopped: Ended["stopped"];
}

function ended(mode: Mode, { stdout, stderr, stopped }: Ran, exit: number | null): Ended {
  const code = stopped === null ? exit : null;
  return { kind: "ended", mode, exit: code, stdout, stderr, stopped, timedOut: stopped === "time" };
}

interface Watched {
  readonly stdin: string;
  readonly limits: Limits;
  /** Processes that left the group and are still there. */
  readonly survivors: () => Promise<readonly number[]>;
}

/** Gives a child its input, gathers what it says, and stops it and all below it at the first limit. */
async function follow(child: Child, { stdin, limits, survivors }: Watched, effects: Effects): Promise<Ran> {
  let stopped: Ended["stopped"] = null;
  let isOver = false;
  const stop = (why: Ended["stopped"]): void => {
    if (isOver || stopped !== null) return;
    stopped = why;
    void end(child, survivors, effects);
  };
  const stdout = collect(child.stdout, limits.outputBytes, () => stop("output"));
  const stderr = collect(child.stderr, limits.outputBytes, () => stop("output"));
  const timer = setTimeout(() => stop("time"), limits.timeMs);
  if (child.pid !== undefined)
    void watch(child.pid, limits, { isOver: () => isOver || stopped !== null, passed: stop }, effects);
  child.stdin.end(stdin);
  try {
    const { code } = await child.ended;
    return { code, failed: null, stdout: stdout(), stderr: stderr(), stopped };
  } catch (thrown) {
    return { code: null, failed: String(thrown), stdout: "", stderr: "", stopped: null };
  } finally {
    isOver = true;
    clearTimeout(timer);
    await end(child, survivors, effects);
  }
}

/** The group, what is below it, and what left it. */
async function end(child: Child, survivors: Watched["survivors"], effects: Effects): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const below = await descendants(pid, effects);
  effects.kill(-pid, "SIGKILL");
  for (const one of [...below.slice(1), ...(await survivors())]) effects.kill(one, "SIGKILL");
}

/** Keeps the first `most` bytes of a stream, and tells once when there are more. */
function collect(stream: NodeJS.ReadableStream | undefined, most: number, full: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on("data", (chunk: Buffer) => {
    const left = most - size;
    size += chunk.byteLength;
    if (left > 0) chunks.push(chunk.subarray(0, left));
    if (size > most) full();
  });
  return () => Buffer.concat(chunks).toString("utf8");
}
