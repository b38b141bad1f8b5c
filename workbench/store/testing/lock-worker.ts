import { appendFileSync, existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { WorkbenchError } from "../../errors/error.ts";
import { withLock } from "../lock.ts";

// Takes the lock again and again. "inside" is a file that only the holder may have; whoever finds
// one that is not a dead holder's has met a second holder. One that is to "die" kills itself inside.
const [, , path = "", fate = "live"] = process.argv;
const inside = `${path}.inside`;
const note = (line: string): void => appendFileSync(`${path}.log`, `${line}\n`);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const ROUNDS = 12;

async function hold(round: number): Promise<void> {
  const before = existsSync(inside) ? statSync(inside).mtimeMs : 0;
  // A dead holder's file does not change any more; a living holder removes its own within 3 ms.
  if (before > 0) {
    await sleep(30);
    if (!existsSync(inside) || statSync(inside).mtimeMs !== before) note("both: a file came or went");
    rmSync(inside, { force: true });
  }
  writeFileSync(inside, String(process.pid), { flag: "wx" });
  note("in");
  await sleep(3);
  if (fate === "die" && round === ROUNDS - 1) process.kill(process.pid, "SIGKILL");
  rmSync(inside);
}

for (let round = 0; round < ROUNDS;) {
  try {
    await withLock(path, `worker ${process.pid}`, () => hold(round));
    round++;
  } catch (error) {
    if (!(error instanceof WorkbenchError) || error.code !== "WB_LOCK_BUSY") {
      note(`both: ${String(error)}`);
      throw error;
    }
  }
  await sleep(2);
}
