import { machine } from "../page.ts";
import type { ToolFigures } from "./jobs.ts";
import type { ScaleFigures } from "./scale.ts";

export interface Figures {
  readonly jobs?: {
    readonly tools: readonly ToolFigures[];
    readonly absent: readonly string[];
    readonly samples: number;
  };
  readonly scale?: ScaleFigures;
}

/** The part of docs/benchmarks.md: every tool at the same job, then our bars. */
export function markdown({ jobs, scale }: Figures): string {
  const parts = [`On ${machine()}.`];
  if (jobs) parts.push(jobText(jobs), "", toolTable(jobs.tools));
  const bars = [...(jobs ? jobBars(jobs.tools) : []), ...(scale ? scaleBars(scale) : [])];
  parts.push("", table(["bar", "limit", "measured", ""], bars));
  return parts.join("\n");
}

function jobText({ samples, absent, tools }: NonNullable<Figures["jobs"]>): string {
  const missing = absent.length === 0 ? "" : ` Not installed, so not measured: ${absent.join(", ")}.`;
  return (
    `${samples} chats, 64 in flight, an endpoint in its own process that answers after 100 ms, one \`contains\`, no ` +
    `stored answers; start-up (a run of one sample) taken off; medians of ${tools[0]?.repeats ?? 0}.${missing}`
  );
}

function toolTable(tools: readonly ToolFigures[]): string {
  const rows = tools.map((one) => [
    one.tool,
    one.startCpuMs.toFixed(0),
    one.cpuMsPerSample.toFixed(2),
    one.samplesPerSecond.toFixed(0),
    one.wallOverIdeal.toFixed(2),
    one.peakMb?.toFixed(0) ?? "",
  ]);
  const head = [
    "tool",
    "start, CPU ms",
    "CPU ms a sample",
    "samples/s",
    "wall ÷ ideal",
    "largest process, MB",
  ];
  return table(head, rows);
}

type Bar = readonly [name: string, limit: string, measured: string, verdict: string];

function bar(name: string, limit: string, measured: string, isMet: boolean): Bar {
  return [name, limit, measured, isMet ? "met" : "missed"];
}

function jobBars(tools: readonly ToolFigures[]): readonly Bar[] {
  const [ours, streamed] = tools;
  if (!ours || !streamed) return [];
  const peer = tools.find(({ tool }) => tool.startsWith("promptfoo"));
  const ratio = peer ? ours.samplesPerSecond / peer.samplesPerSecond : null;
  return [
    bar("CPU a sample", "≤ 1.2 ms", `${ours.cpuMsPerSample.toFixed(2)} ms`, ours.cpuMsPerSample <= 1.2),
    bar(
      "CPU a sample, streamed",
      "≤ 2.0 ms",
      `${streamed.cpuMsPerSample.toFixed(2)} ms`,
      streamed.cpuMsPerSample <= 2,
    ),
    ...(ratio === null ? [] : [bar("throughput over promptfoo's", "≥ 10", ratio.toFixed(1), ratio >= 10)]),
    bar("wall ÷ ideal", "≤ 1.15", ours.wallOverIdeal.toFixed(2), ours.wallOverIdeal <= 1.15),
    bar(
      "command to first sample, CPU",
      "≤ 800 ms",
      `${ours.startCpuMs.toFixed(0)} ms`,
      ours.startCpuMs <= 800,
    ),
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
    bar(
      `in flight ÷ ${inFlight.asked}, at ${inFlight.latencyMs / 1000} s`,
      "≥ 0.95",
      inFlight.share.toFixed(3),
      inFlight.share >= 0.95,
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
