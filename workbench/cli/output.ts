import { printable } from "../errors/printable.ts";

/** What a command prints with. Results go to stdout, everything else to stderr. */
export interface Output {
  /** A line for people; nothing under --json. */
  readonly line: (text?: string) => void;
  /** The result object, printed as one JSON document under --json and nowhere else. */
  readonly result: (value: unknown) => void;
  /** A remark on stderr: what is happening, a warning. */
  readonly note: (text: string) => void;
  /** A progress bar on a terminal, a line every ten seconds elsewhere, nothing under --json. */
  readonly progress: (label: string, total: number | null) => Progress;
  readonly paint: Paint;
  readonly json: boolean;
}

export interface Progress {
  readonly update: (done: number, detail?: string) => void;
  readonly end: () => void;
}

type Style = (text: string) => string;
export type Paint = Readonly<Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", Style>>;

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
const SILENT: Progress = { update: () => undefined, end: () => undefined };

export interface OutputOptions {
  readonly json: boolean;
  /** Colours are used on a terminal unless NO_COLOR is set; FORCE_COLOR beats that, --no-color beats all. */
  readonly color: boolean;
}

export function makeOutput({ json, color }: OutputOptions): Output {
  const paint = Object.fromEntries(
    Object.entries(CODES).map(([name, code]) => [
      name,
      (text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text),
    ]),
  ) as unknown as Paint;
  return {
    json,
    paint,
    line: (text = "") => {
      if (!json) process.stdout.write(`${harmless(text, color)}\n`);
    },
    result: (value) => {
      // Escaped in JSON's own way, so that the document is the same: JSON leaves C1 and bidi controls raw.
      if (json) process.stdout.write(`${printable(JSON.stringify(value, null, 2))}\n`);
    },
    note: (text) => void process.stderr.write(`${harmless(text, color)}\n`),
    progress: (label, total) =>
      json ? SILENT : canRedraw(process.stderr, process.env) ? bar(label, total) : ticker(label, total),
  };
}

/** Text may come from data: every control character but our own colours is written out. */
function harmless(text: string, color: boolean): string {
  if (!color) return printable(text);
  return text.replace(/(\u001b\[(?:0|1|2|31|32|33|36)m)|[^\u001b]+|\u001b/g, (part, own?: string) =>
    own === undefined ? printable(part) : own,
  );
}

const canRedraw = (stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean =>
  stream.isTTY === true && env["TERM"] !== "dumb";

export function wantsColor(
  flag: boolean,
  stream: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv,
): boolean {
  if (!flag) return false;
  if (env["FORCE_COLOR"] !== undefined && env["FORCE_COLOR"] !== "0") return true;
  return (env["NO_COLOR"] ?? "") === "" && stream.isTTY === true && env["TERM"] !== "dumb";
}

/** One redrawn line, at most ten times a second, with the time left once it can be told. */
function bar(label: string, total: number | null): Progress {
  const start = performance.now();
  let drawn = -Infinity;
  const draw = (done: number, detail: string): void => {
    const share = total ? Math.min(1, done / total) : 0;
    const seconds = (performance.now() - start) / 1000;
    const left = total && share > 0.02 ? ` ${Math.ceil((seconds / share) * (1 - share))} s left` : "";
    const blocks = total
      ? `${"█".repeat(Math.round(share * 24)).padEnd(24, "░")} ${done}/${total}`
      : `${done}`;
    // A terminal that does not tell its size says 0.
    const width = Math.max(20, (process.stderr.columns || 80) - 1);
    process.stderr.write(`\r\u001b[K${printable(`${label}  ${blocks}${left}  ${detail}`).slice(0, width)}`);
  };
  return {
    update: (done, detail = "") => {
      if (performance.now() - drawn < 100) return;
      drawn = performance.now();
      draw(done, detail);
    },
    end: () => void process.stderr.write("\r\u001b[K"),
  };
}

function ticker(label: string, total: number | null): Progress {
  let last = performance.now();
  return {
    update: (done, detail = "") => {
      if (performance.now() - last < 10_000) return;
      last = performance.now();
      process.stderr.write(printable(`${label}  ${done}${total ? `/${total}` : ""}  ${detail}`) + "\n");
    },
    end: () => undefined,
  };
}
