// npm run calibrate [-- options]: the statistics and the gate against truths that are known, by simulation. Prints one
// line a cell and exits 1 when a cell is out of its band.
//
//   --simulations 20000    per cell (default 2,000; gate cells a tenth, the sequence a fortieth)
//   --only "paired binary" cells whose group or name has this
//   --write                replaces the table in docs/benchmarks.md
import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { machine, writePart } from "./bench/page.ts";
import { calibrationCells, type Cell } from "./calibrate/cells.ts";

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "2000" },
    only: { type: "string", default: "" },
    write: { type: "boolean", default: false },
  },
});
const simulations = Number(values.simulations);
const cells = calibrationCells(simulations).filter(({ group, name }) =>
  `${group} ${name}`.includes(values.only),
);
// 2.6 errors over a hundred cells cry wolf too often; with few simulations 3.7 (1 in 100 for all together).
const errors = simulations >= 20_000 ? 2.6 : 3.7;

interface Result extends Omit<Cell, "share"> {
  readonly share: number;
  readonly isInside: boolean;
}

const results: Result[] = [];
let group = "";
for (const cell of cells) {
  if (cell.group !== group) stdout.write(`\n${(group = cell.group)}\n`);
  const share = cell.share();
  const slack = errors * Math.sqrt((cell.target * (1 - cell.target)) / cell.simulations);
  const isInside = (cell.least ?? 0) - slack <= share && share <= (cell.most ?? 1) + slack;
  results.push({ ...cell, share, isInside });
  stdout.write(
    `${isInside ? "ok  " : "OUT "} ${share.toFixed(4)}  ${bandText(cell).padEnd(15)}  ${cell.name}\n`,
  );
}

const outside = results.filter((result) => !result.isInside);
stdout.write(`\n${cells.length - outside.length} of ${cells.length} cells are inside their band\n`);
if (values.write) await writePart("calibrate", table());
process.exitCode = outside.length === 0 ? 0 : 1;

/** One row a group: how many cells, the promise, and the least and most that was seen. */
function table(): string {
  const groups = [...new Set(results.map((result) => result.group))];
  const rows = groups.map((name) => {
    const own = results.filter((result) => result.group === name);
    const shares = own.map((result) => result.share);
    const out = own.filter((result) => !result.isInside).length;
    const bands = [...new Set(own.map(bandText))].join(", ");
    const runs = [...new Set(own.map((result) => result.simulations.toLocaleString("en")))].join(", ");
    const ends = [Math.min(...shares), Math.max(...shares)].map((share) => share.toFixed(4));
    return `| ${name} | ${own.length} | ${runs} | ${bands} | ${ends.join(" | ")} | ${out} |`;
  });
  return [
    `${simulations} simulations a cell unless said, seeded, so that every run gives the same figures. On ${machine()}.`,
    `A cell is out of its band when it misses it by more than ${errors} simulation errors.`,
    "",
    "| what | cells | simulations | promised | least | most | out |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function bandText({ least, most }: Pick<Cell, "least" | "most">): string {
  if (least !== null && most !== null) return `${least} to ${most}`;
  return least === null ? `at most ${most}` : `at least ${least}`;
}
