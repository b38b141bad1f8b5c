import type { Effects, SpawnOptions } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";

export interface ProcessResult {
  /** Null after a signal, or when the program could not be started at all. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions extends SpawnOptions {
  readonly stdin?: string;
  /** Called with every whole line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
}

const LARGEST_OUTPUT = 64 * 1024 * 1024;

/** Runs a program to its end and gives what it wrote. Never throws: a missing program has code null. */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
  effects: Effects = realEffects,
): Promise<ProcessResult> {
  const { stdin = "", onLine, ...spawnOptions } = options;
  const child = effects.spawn(command, args, spawnOptions);
  const [stdout, stderr] = [collect(child.stdout, onLine), collect(child.stderr, onLine)];
  child.stdin.end(stdin);
  try {
    const { code } = await child.ended;
    return { code, stdout: stdout(), stderr: stderr() };
  } catch (error) {
    return { code: null, stdout: stdout(), stderr: String(error) };
  }
}

function collect(stream: NodeJS.ReadableStream, onLine: ((line: string) => void) | undefined): () => string {
  const chunks: Buffer[] = [];
  let [size, rest] = [0, ""];
  stream.on("data", (chunk: Buffer) => {
    size += chunk.byteLength;
    if (size <= LARGEST_OUTPUT) chunks.push(chunk);
    if (!onLine) return;
    const lines = (rest + chunk.toString("utf8")).split(/[\r\n]+/);
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") onLine(line);
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

/** The last lines of a text, for an error message. */
export function tail(text: string, lines = 8): string {
  return text.trim().split("\n").slice(-lines).join("\n");
}
