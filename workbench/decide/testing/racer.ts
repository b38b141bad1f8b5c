import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { WorkbenchError } from "../../errors/error.ts";
import { projectAt } from "../../store/paths.ts";
import { promote } from "../promote.ts";

// One of many processes that promote at the same moment: it waits for a file, then tries once.
const [root = "", decision = "", sawHead = "", go = ""] = process.argv.slice(2);
while (!existsSync(go)) await setTimeout(5);
try {
  const { moved } = await promote({ project: projectAt(root), decision, sawHead });
  process.exitCode = moved ? 0 : 9;
} catch (error) {
  process.exitCode = error instanceof WorkbenchError ? error.exitCode : 1;
}
