import { machine } from "../page.ts";
import type { ToolFigures } from "./jobs.ts";
import type { ScaleFigures } from "./scale.ts";

/** The same job by every tool, at one endpoint. */
export interface Jobs {
  readonly tools: readonly ToolFigures[];
  readonly absent: readonly string[];
  readonly samples: number;
  /** How long the endpoint takes to answer; 0 is at once. */
  readonly latencyMs: number;
}

export interface Figures {
  /** The endpoint that limits every tool first, then the one that limits none. */
  readonly jobs?: readonly Jobs[];
  readonly scale?: ScaleFigures;
}

/** The part of docs/benchmarks.md: every tool at the same job, then our bars. */
export function markdown({ jobs, scale }: Figures): string {
  const parts = [`On ${machine()}.`];
  if (jobs?.[0]) parts.push(jobText(jobs[0]));
  for (const one of jobs ?? []) parts.push("", limitText(one), "", toolTable(one));
  const bars = [...jobBars(jobs ?? []), ...(scale ? scaleBars(scale) : [])];
  parts.push("", table(["bar", "limit", "measured", ""], bars));
  return parts.join("\n");
}

function jobText({ samples, absent, tools }: Jobs): string {
  const missing = absent.length === 0 ? "" : ` Not installed, so not measured: ${absent.join(", ")}.`;
  return (
    `${samples} chats, 64 in flight, an endpoint in its own process, one \`contains\`, no stored answers; ` +
    `start-up (a run of one sample) taken off; medians of ${tools[0]?.repeats ?? 0}.${missing}`
  );
}

const mostPerSecond = (latencyMs: number): number => (64 * 1000) / latencyMs;

function limitText({ latencyMs }: Jobs): string {
  if (latencyMs === 0) return "**An endpoint that answers at once**: how fast each tool itself is.";
  return (
    `**An endpoint that answers after ${latencyMs} ms**: no tool can pass ${mostPerSecond(latencyMs)} samples a second, and ` +
    "what is asked is how near each comes."
  );
}

type Column = readonly [head: string, cell: (one: ToolFigures) => string];

function toolTable({ tools, latencyMs }: Jobs): string {
  const near: readonly Column[] = [
    ["wall ÷ ideal", ({ wallOverIdeal }) => wallOverIdeal?.toFixed(2) ?? ""],
    ["in flight ÷ 64", ({ inFlightShare }) => inFlightShare.toFixed(2)],
  ];
  const columns: readonly Column[] = [
    ["tool", ({ tool }) => tool],
    ["start, CPU ms", ({ startCpuMs }) => startCpuMs.toFixed(0)],
    ["CPU ms a sample", ({ cpuMsPerSample }) => cpuMsPerSample.toFixed(2)],
    ["samples/s", ({ samplesPerSecond }) => samplesPerSecond.toFixed(0)],
    ...(latencyMs === 0 ? [] : near),
    ["largest process, MB", ({ peakMb }) => peakMb?.toFixed(0) ?? ""],
  ];
  return table(
    columns.map(([head]) => head),
    tools.map((one) => columns.map(([, cell]) => cell(one))),
  );
}

type Bar = readonly [name: string, limit: string, measured: string, verdict: string];

function bar(name: string, limit: string, measured: string, isMet: boolean): Bar {
  return [name, limit, measured, isMet ? "met" : "missed"];
}

function jobBars(jobs: readonly Jobs[]): readonly Bar[] {
  const [waiting, busy] = jobs;
  const [ours, streamed] = waiting?.tools ?? [];
  if (!waiting || !busy || !ours || !streamed) return [];
  const wall = ours.wallOverIdeal ?? Infinity;
  const { cpuMsPerSample: cpuMs, startCpuMs } = ours;
  return [
    bar("CPU a sample", "≤ 1.2 ms", `${cpuMs.toFixed(2)} ms`, cpuMs <= 1.2),
    bar(
      "CPU a sample, streamed",
      "≤ 2.0 ms",
      `${streamed.cpuMsPerSample.toFixed(2)} ms`,
      streamed.cpuMsPerSample <= 2,
    ),
    ...throughputBars(waiting, busy),
    bar("wall ÷ ideal", "≤ 1.15", wall.toFixed(2), wall <= 1.15),
    bar("command to first sample, CPU", "≤ 800 ms", `${startCpuMs.toFixed(0)} ms`, startCpuMs <= 800),
  ];
}

/** Over promptfoo's, where it is installed. Behind a slow endpoint there is a most that no tool can pass: no bar. */
function throughputBars(waiting: Jobs, busy: Jobs): readonly Bar[] {
  const [slow, fast] = [waiting, busy].map(({ tools }) => ({
    ours: tools[0]?.samplesPerSecond ?? NaN,
    theirs: tools.find(({ tool }) => tool.startsWith("promptfoo"))?.samplesPerSecond ?? NaN,
  }));
  if (!slow || !fast || Number.isNaN(slow.theirs) || Number.isNaN(fast.theirs)) return [];
  const ratio = fast.ours / fast.theirs;
  const most = mostPerSecond(waiting.latencyMs) / slow.theirs;
  return [
    bar("throughput over promptfoo's, endpoint at once", "≥ 10", ratio.toFixed(1), ratio >= 10),
    [
      `the same, endpoint after ${waiting.latencyMs} ms`,
      `${most.toFixed(1)} is possible`,
      (slow.ours / slow.theirs).toFixed(1),
      "",
    ],
  ];
}

function scaleBars({ hit, inFlight, memory, rescore }: ScaleFigures): readonly Bar[] {
  const [small, large] = memory.map(({ peakMb }) => peakMb);
  const grown = typeof small === "number" && typeof large === "number" ? large - small : null;
  const most = memory.at(-1)?.samples ?? 0;
  return [
    bar(
      "stored answer, CPU",
      "≤ 0.3 ms",
      `${hit.cpuMs.toFixed(2)} ms, ${hit.requests} requests`,
      hit.cpuMs <= 0.3,
    ),
    ...inFlight.map(({ asked, latencyMs, share }) =>
      bar(`in flight ÷ ${asked}, at ${latencyMs / 1000} s`, "≥ 0.95", share.toFixed(3), share >= 0.95),
    ),
    ...(grown === null || typeof large !== "number"
      ? []
      : [
          bar(
            `memory, 1 000 → ${most} samples of 1 kB`,
            "+ ≤ 50, ≤ 300 MB",
            `+ ${grown.toFixed(0)}, ${large.toFixed(0)} MB`,
            grown <= 50 && large <= 300,
          ),
        ]),
    bar(
      `other scorer over ${rescore.samples} stored outputs`,
      "≤ 20 s",
      `${(rescore.wallMs / 1000).toFixed(1)} s`,
      rescore.wallMs <= 20_000,
    ),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
