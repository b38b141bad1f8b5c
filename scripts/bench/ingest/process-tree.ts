import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a command cost, with every process it started and waited for. */
export interface Cost {
  /** User plus system, to 10 ms. */
  readonly cpuS: number;
  readonly wallS: number;
  /** The most that its processes held resident together, sampled every 20 ms. */
  readonly peakMb: number;
  readonly stdout: string;
}

const TICKS_PER_S = 100;
const SAMPLE_MS = 20;

/** Runs a command to its end and reads its cost from /proc. Throws when it fails. */
export async function costOf(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Cost> {
  const cpuBefore = childrenCpuS();
  const started = performance.now();
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [peakKb, stdout, stderr] = [0, "", ""];
  child.stdout.on("data", (data) => (stdout += String(data)));
  child.stderr.on("data", (data) => (stderr += String(data)));
  const sampling = setInterval(() => (peakKb = Math.max(peakKb, treeKb(child.pid ?? 0))), SAMPLE_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearInterval(sampling);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${stderr || stdout}`);
  return {
    cpuS: childrenCpuS() - cpuBefore,
    wallS: (performance.now() - started) / 1000,
    peakMb: peakKb / 1024,
    stdout,
  };
}

/** CPU seconds of all children that ended: fields 16 and 17 of /proc/self/stat, see proc_pid_stat(5). */
function childrenCpuS(): number {
  const fields = afterName(readFileSync("/proc/self/stat", "utf8"));
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_S;
}

function treeKb(pid: number): number {
  try {
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    const below = children === "" ? [] : children.split(" ").map((child) => treeKb(Number(child)));
    return below.reduce((sum, kb) => sum + kb, Number(resident ?? 0));
  } catch {
    return 0; // it has ended meanwhile
  }
}

const afterName = (stat: string): readonly string[] => stat.slice(stat.lastIndexOf(")") + 2).split(" ");
