// Calibration of the statistics by simulation: coverage of 95 % intervals over 60 cells, and the
// rate of false go at the margin. Prints one line a cell and exits 1 when a cell is out of its band.
//
//   node scripts/calibrate.ts                        2,000 simulations a cell
//   node scripts/calibrate.ts --simulations 20000    the full grid
//   node scripts/calibrate.ts --only "paired binary"
import { argv, stdout } from "node:process";
import { parseArgs } from "node:util";
import { seeded } from "../workbench/stats/random.ts";
import { coverageCells, coverageOf, simulationError } from "../workbench/stats/testing/coverage-cells.ts";
import { falseGoCells, falseGoOf } from "../workbench/stats/testing/false-go-cells.ts";

const { values } = parseArgs({
  args: argv.slice(2),
  options: { simulations: { type: "string", default: "2000" }, only: { type: "string", default: "" } },
});
const simulations = Number(values.simulations);
const wanted = ({ group, name }: { group: string; name: string }): boolean =>
  `${group} ${name}`.includes(values.only);
const ALPHA = 0.025;
// 2.6 errors over 81 cells cry wolf too often; with few simulations 3.7 (1 in 100 for all cells together).
const ERRORS = simulations >= 20_000 ? 2.6 : 3.7;
let outside = 0;

function line(cells: readonly string[], fine: boolean): void {
  if (!fine) outside++;
  stdout.write(`${fine ? "ok  " : "OUT "} ${cells.join("  ")}\n`);
}

stdout.write(`coverage of 95 % intervals, ${simulations} simulations a cell (band 94…96 % ± ${ERRORS} SE)\n`);
const slack = ERRORS * simulationError(0.95, simulations);
for (const cell of coverageCells.filter(wanted)) {
  const { share, refused } = coverageOf(cell, seeded(cell.name), simulations);
  const conservative = share > 0.96 + slack;
  const remark = `${conservative ? "conservative" : ""}${refused > 0 ? ` ${refused} refused` : ""}`;
  line([cell.group.padEnd(18), cell.name.padEnd(44), share.toFixed(4), remark], share >= 0.94 - slack);
}

stdout.write(`\nfalse go at the margin, alpha ${ALPHA} (band alpha + ${ERRORS} SE)\n`);
const most = ALPHA + ERRORS * simulationError(ALPHA, simulations);
for (const cell of falseGoCells.filter(wanted)) {
  const share = falseGoOf(cell, seeded(cell.name), { simulations, alpha: ALPHA });
  line([cell.group.padEnd(26), cell.name.padEnd(48), share.toFixed(4)], share <= most);
}
stdout.write(
  `\n${outside === 0 ? "every cell is inside its band" : `${outside} cells are out of their band`}\n`,
);
process.exitCode = outside === 0 ? 0 : 1;
