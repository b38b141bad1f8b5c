// npm run bench eval -- [--install] [--only jobs|scale|kept] [--samples n] [--many n] [--asked n] [--repeats n] [--write]
// The mock endpoint is in a process of its own. Peers are measured beside us where they are installed (--install).
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { writePart } from "../page.ts";
import { measureJobs, type JobSize } from "./jobs.ts";
import { startMock } from "./measure.ts";
import { installPeers } from "./peers.ts";
import { measureScale } from "./scale.ts";
import { markdown, type Figures, type Jobs } from "./table.ts";

const { values: options } = parseArgs({
  options: {
    install: { type: "boolean", default: false },
    only: { type: "string" },
    samples: { type: "string", default: "2000" },
    many: { type: "string", default: "100000" },
    asked: { type: "string", default: "512" },
    repeats: { type: "string", default: "3" },
    write: { type: "boolean", default: false },
  },
});
if (options.install) await installPeers();

const folder = resolve(import.meta.dirname, `../../../.workbench/bench/run-${process.pid}`);
/** Both parts make one table; each is kept until it is measured again. */
const KEPT = resolve(import.meta.dirname, "../../../.workbench/bench/eval.json");
const kept = JSON.parse(await readFile(KEPT, "utf8").catch(() => "{}")) as Figures;
const [mock, wide] = [await startMock(200), await startMock(1000)];
const [samples, repeats] = [Number(options.samples), Number(options.repeats)];
let figures: Figures = kept;
try {
  await mkdir(folder, { recursive: true });
  if (options.only === undefined || options.only === "jobs") {
    const jobs: Jobs[] = [];
    for (const latencyMs of [100, 0]) {
      const size: JobSize = { samples, repeats, latencyMs, concurrency: 64, folder };
      jobs.push({ ...(await measureJobs(mock, size)), samples, latencyMs });
    }
    figures = { ...figures, jobs };
  }
  if (options.only === undefined || options.only === "scale") {
    const size = { samples, repeats, many: Number(options.many), asked: Number(options.asked), folder };
    figures = { ...figures, scale: await measureScale(mock, wide, size) };
  }
} finally {
  mock.close();
  wide.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
await mkdir(resolve(KEPT, ".."), { recursive: true });
await writeFile(KEPT, JSON.stringify(figures, null, 2));
console.log(markdown(figures));
if (options.write) await writePart("eval", markdown(figures));
