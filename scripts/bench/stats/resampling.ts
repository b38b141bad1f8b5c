import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bootstrapMean } from "../../../workbench/stats/bootstrap-mean.ts";
import { isRefused } from "../../../workbench/stats/refused.ts";
import { seeded } from "../../../workbench/stats/random.ts";

export interface Timing {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

export interface Resampling {
  readonly name: string;
  readonly barSeconds: number;
  readonly ours: Timing;
  readonly scipy: Timing | null;
}

const ITEMS = 100_000;
const REPLICATES = 10_000;
const REPEATS = 3;

/** The paired bootstrap of 100,000 differences, 10,000 resamples: few distinct values, and all distinct. */
export async function bootstraps(): Promise<readonly Resampling[]> {
  const random = seeded("bench");
  const binary = Array.from({ length: ITEMS }, () => Math.floor(random.uniform() * 3) - 1);
  const graded = Array.from({ length: ITEMS }, () => random.uniform() - random.uniform());
  return [
    await one("paired bootstrap, 10,000 × 100,000, differences −1, 0, 1", 0.5, binary),
    await one("paired bootstrap, 10,000 × 100,000, all differences distinct", 8, graded),
  ];
}

async function one(name: string, barSeconds: number, values: readonly number[]): Promise<Resampling> {
  const ours = timed(() => {
    const found = bootstrapMean({ values }, 0.025, { seed: 1, replicates: REPLICATES });
    if (isRefused(found)) throw new Error(found.reason);
  });
  return { name, barSeconds, ours, scipy: await scipy(values) };
}

/** The median of three runs. */
export function timed(work: () => void): Timing {
  const runs = Array.from({ length: REPEATS }, () => {
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    work();
    const used = process.cpuUsage(cpu);
    return { wallSeconds: (performance.now() - wall) / 1e3, cpuSeconds: (used.user + used.system) / 1e6 };
  });
  const middle = [...runs].sort((a, b) => a.cpuSeconds - b.cpuSeconds)[Math.floor(REPEATS / 2)];
  if (!middle) throw new Error("nothing was run");
  return middle;
}

const SCRIPT = `
import sys, time, numpy
from scipy.stats import bootstrap
values = numpy.loadtxt(sys.argv[1])
wall, cpu = time.perf_counter(), time.process_time()
bootstrap((values,), numpy.mean, n_resamples=${REPLICATES}, batch=100, method="percentile", rng=numpy.random.default_rng(1))
print(time.perf_counter() - wall, time.process_time() - cpu)
`;

/** The same question to SciPy, once; null where no Python has it. */
async function scipy(values: readonly number[]): Promise<Timing | null> {
  const folder = await mkdtemp(join(tmpdir(), "workbench-bench-"));
  try {
    const file = join(folder, "values.txt");
    await writeFile(file, values.join("\n"));
    const python = process.env["WORKBENCH_PYTHON"] ?? "python3";
    const { stdout } = await promisify(execFile)(python, ["-c", SCRIPT, file]);
    const [wallSeconds = Number.NaN, cpuSeconds = Number.NaN] = stdout.trim().split(" ").map(Number);
    return { wallSeconds, cpuSeconds };
  } catch {
    return null;
  } finally {
    await rm(folder, { recursive: true });
  }
}
