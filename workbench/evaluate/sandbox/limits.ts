/** What a program in the sandbox may use. */
export interface Limits {
  /** From the start to the end, whatever it waits for. */
  readonly timeMs: number;
  /** Of each of its processes. */
  readonly cpuSeconds: number;
  /** Of all its processes together, and of each alone; its files lie in memory, too. */
  readonly memoryMb: number;
  /** Processes and threads at the same time. */
  readonly processes: number;
  /** Of standard output and of standard error; beyond it the program is stopped. */
  readonly outputBytes: number;
}

export const LIMITS: Limits = {
  timeMs: 10_000,
  cpuSeconds: 10,
  memoryMb: 1024,
  processes: 64,
  outputBytes: 1 << 20,
};

const MB = 1 << 20;
/** Address space that a runtime reserves and never fills: Node alone takes 1.3 GB at its start. */
const RESERVED_MB = 3072;

/**
 * The command under the kernel's own limits. They are hard: a program may lower them, not raise them.
 * `--data` is what a process allocates; `--as` also catches shared memory, which `--data` does not count.
 */
export function limited(command: readonly string[], limits: Limits, ofProcesses: boolean): readonly string[] {
  return [
    "prlimit",
    `--cpu=${limits.cpuSeconds}`,
    `--data=${limits.memoryMb * MB}`,
    `--as=${(limits.memoryMb + RESERVED_MB) * MB}`,
    `--fsize=${limits.memoryMb * MB}`,
    "--nofile=256",
    "--core=0",
    ...(ofProcesses ? [`--nproc=${limits.processes}`] : []),
    "--",
    ...command,
  ];
}
