import { join } from "node:path";
import { measure, median, type Command, type Mock, type Taken } from "./measure.ts";
import { makeBench } from "./ours.ts";
import { findPeers } from "./peers.ts";

/** One tool at the job; medians of its repeats, start-up taken off. */
export interface ToolFigures {
  readonly tool: string;
  readonly startCpuMs: number;
  readonly cpuMsPerSample: number;
  /** Wall time over samples · latency / calls in flight; null where the endpoint answers at once. */
  readonly wallOverIdeal: number | null;
  readonly samplesPerSecond: number;
  /** Mean calls in flight as the endpoint saw them, over those asked for. */
  readonly inFlightShare: number;
  readonly peakMb: number | null;
  readonly repeats: number;
}

export interface JobSize {
  readonly samples: number;
  readonly latencyMs: number;
  readonly concurrency: number;
  readonly repeats: number;
  readonly folder: string;
}

/** The same job by every tool that is here, in an order that turns round with each repeat. */
export async function measureJobs(
  mock: Mock,
  size: JobSize,
): Promise<{ readonly tools: readonly ToolFigures[]; readonly absent: readonly string[] }> {
  const { samples, concurrency, folder } = size;
  const url = mock.url(size.latencyMs);
  const bench = await makeBench(join(folder, "ours"), url, [1, samples]);
  const { peers, absent } = await findPeers();
  const tools: { name: string; ask: (count: number) => Promise<Command> }[] = [
    { name: "workbench", ask: async (count) => bench.run(count, { concurrency }) },
    { name: "workbench, streamed", ask: async (count) => bench.run(count, { concurrency, streamed: true }) },
    ...peers.map((peer) => ({
      name: `${peer.name} ${peer.version}`,
      ask: (count: number) =>
        peer.ask({
          rows: join(bench.root, `evals/data/rows-${count}.jsonl`),
          url,
          concurrency,
          folder: join(folder, peer.name),
        }),
    })),
  ];
  await measure(bench.run(1)); // compiled code is kept from the first start on
  const takes = new Map<string, Takes>(
    tools.map(({ name }) => [name, { starts: [], whole: [], inFlight: [] }]),
  );
  for (let repeat = 0; repeat < size.repeats; repeat++)
    for (const tool of repeat % 2 === 0 ? tools : tools.toReversed()) {
      const { starts, whole, inFlight } = takes.get(tool.name) ?? { starts: [], whole: [], inFlight: [] };
      starts.push(await measure(await tool.ask(1)));
      await mock.seen();
      whole.push(await measure(await tool.ask(samples)));
      const { requests, meanInFlight } = await mock.seen();
      if (requests < samples) throw new Error(`${tool.name} asked ${requests} of ${samples}`);
      inFlight.push(meanInFlight / concurrency);
    }
  return { tools: [...takes].map(([tool, taken]) => figures(tool, taken, size)), absent };
}

interface Takes {
  /** Runs of one sample: what a start costs. */
  readonly starts: Taken[];
  readonly whole: Taken[];
  readonly inFlight: number[];
}

function figures(
  tool: string,
  { starts, whole, inFlight }: Takes,
  { samples, latencyMs, concurrency, repeats }: JobSize,
): ToolFigures {
  const startCpuMs = median(starts.map(({ cpuMs }) => cpuMs));
  const startWallMs = median(starts.map(({ wallMs }) => wallMs)) - latencyMs;
  const wallMs = median(whole.map((taken) => taken.wallMs)) - startWallMs;
  const peaks = whole.flatMap(({ peakMb }) => (peakMb === null ? [] : [peakMb]));
  return {
    tool,
    startCpuMs,
    cpuMsPerSample: (median(whole.map(({ cpuMs }) => cpuMs)) - startCpuMs) / (samples - 1),
    wallOverIdeal: latencyMs === 0 ? null : wallMs / ((samples * latencyMs) / concurrency),
    samplesPerSecond: samples / (wallMs / 1000),
    inFlightShare: median(inFlight),
    peakMb: peaks.length === 0 ? null : median(peaks),
    repeats,
  };
}
