import { join } from "node:path";
import { measure, median, type Mock, type Taken } from "./measure.ts";
import { makeBench } from "./ours.ts";

/** What only we are asked: stored answers, many in flight, many samples, other scorers. */
export interface ScaleFigures {
  readonly hit: { readonly cpuMs: number; readonly samples: number; readonly requests: number };
  readonly inFlight: readonly InFlight[];
  readonly memory: readonly { readonly samples: number; readonly peakMb: number | null }[];
  readonly rescore: { readonly samples: number; readonly wallMs: number; readonly cpuMs: number };
}

export interface InFlight {
  /** Mean calls in flight as the endpoint saw them, over those asked for. */
  readonly share: number;
  readonly asked: number;
  readonly latencyMs: number;
}

export interface ScaleSize {
  readonly samples: number;
  readonly many: number;
  readonly asked: number;
  readonly repeats: number;
  readonly folder: string;
}

export async function measureScale(mock: Mock, wide: Mock, size: ScaleSize): Promise<ScaleFigures> {
  return {
    hit: await hits(mock, size),
    inFlight: [
      await inFlight(mock, { asked: 64, latencyMs: 100, folder: size.folder }),
      await inFlight(mock, { asked: size.asked, latencyMs: 1000, folder: size.folder }),
    ],
    ...(await growth(wide, size)),
  };
}

async function hits(mock: Mock, { samples, repeats, folder }: ScaleSize): Promise<ScaleFigures["hit"]> {
  const bench = await makeBench(join(folder, "hits"), mock.url(0), [1, samples]);
  await measure(bench.run(1));
  await measure(bench.run(samples));
  await mock.seen();
  const [starts, whole]: [Taken[], Taken[]] = [[], []];
  for (let n = 0; n < repeats; n++) {
    starts.push(await measure(bench.run(1, { stored: true })));
    whole.push(await measure(bench.run(samples, { stored: true })));
  }
  const cpu = (takes: readonly Taken[]): number => median(takes.map(({ cpuMs }) => cpuMs));
  const { requests } = await mock.seen();
  return { cpuMs: (cpu(whole) - cpu(starts)) / (samples - 1), samples, requests };
}

const ASKING_MS = 20_000;

/** As the endpoint sees it, from its first request to its last reply, in whole rounds. */
async function inFlight(
  mock: Mock,
  { asked, latencyMs, folder }: Omit<InFlight, "share"> & { readonly folder: string },
): Promise<InFlight> {
  const samples = asked * (ASKING_MS / latencyMs);
  const bench = await makeBench(join(folder, "wide"), mock.url(latencyMs), [samples]);
  await mock.seen();
  await measure(bench.run(samples, { concurrency: asked }));
  const { meanInFlight } = await mock.seen();
  return { share: meanInFlight / asked, asked, latencyMs };
}

async function growth(
  wide: Mock,
  { many, folder }: ScaleSize,
): Promise<Pick<ScaleFigures, "memory" | "rescore">> {
  const sizes = [1000, many];
  const bench = await makeBench(join(folder, "many"), wide.url(0), [1, ...sizes]);
  const memory: { samples: number; peakMb: number | null }[] = [];
  let last = "";
  for (const samples of sizes) {
    const taken = await measure(bench.run(samples));
    memory.push({ samples, peakMb: taken.peakMb });
    last = (JSON.parse(taken.stdout) as { id: string }).id;
  }
  const again = await measure(bench.run(many, { rescore: last }));
  return { memory, rescore: { samples: many, wallMs: again.wallMs, cpuMs: again.cpuMs } };
}
