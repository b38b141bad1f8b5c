// npm run bench stats [-- --rows 10000000] [--write]: resampling beside SciPy on the same data, a whole decision, and a
// live experiment from its log rows to its verdict. SciPy runs where WORKBENCH_PYTHON (or python3) has it.
import { parseArgs } from "node:util";
import { machine, writePart } from "../page.ts";
import { benchDecision } from "./decision.ts";
import { benchExperiment } from "./experiment.ts";
import { bootstraps, type Timing } from "./resampling.ts";

const { values } = parseArgs({
  options: { rows: { type: "string", default: "10000000" }, write: { type: "boolean", default: false } },
});

const seconds = (timing: Timing | null): string =>
  timing === null
    ? "not found"
    : `${timing.wallSeconds.toFixed(2)} s (CPU ${timing.cpuSeconds.toFixed(2)} s)`;

const resampling = await bootstraps();
const decision = await benchDecision();
const live = await benchExperiment({ rows: Number(values.rows) });

const lines = [
  `On ${machine()}. Wall time, with CPU time in brackets.`,
  "",
  "| what | bar | here | SciPy |",
  "| --- | --- | --- | --- |",
  ...resampling.map(
    ({ name, barSeconds, ours, scipy }) =>
      `| ${name} | ≤ ${barSeconds} s | ${seconds(ours)} | ${seconds(scipy)} |`,
  ),
  ...decision.map(({ name, timing }) => `| ${name} | | ${seconds(timing)} | |`),
  `| ${live.rows.toLocaleString("en")} calls of ${live.units.toLocaleString("en")} users, in Parquet, to the verdict of their experiment | ≤ 10 s | ${seconds(live)}, ${Math.round(live.peakMegabytes)} MB at most | |`,
];
console.log(lines.join("\n"));
if (values.write) await writePart("stats", lines.join("\n"));
