#!/usr/bin/env node
// The workbench runs TypeScript directly, which needs Node 24. The project brings its own (see
// optionalDependencies), so this starts it with whatever older Node was asked to run this file.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const main = join(dirname(fileURLToPath(import.meta.url)), "main.ts");
const own = join(
  dirname(main),
  "..",
  "..",
  "node_modules",
  `node-${process.platform}-${process.arch}`,
  "bin",
  "node",
);
const isNewEnough = Number(process.versions.node.split(".")[0]) >= 24;

if (!isNewEnough && !existsSync(own)) {
  process.stderr.write(
    `error: this is Node ${process.versions.node}, and no Node 24 is installed for ${process.platform}-${process.arch}\n` +
      "  why  the workbench is TypeScript that Node 24 runs without a build step\n" +
      "  fix  run npm ci in the project, or install Node 24 or newer\n" +
      "  WB_NODE_TOO_OLD · docs/errors.md#wb_node_too_old\n",
  );
  process.exit(2);
}
// SIGINT reaches the child too, as a member of the terminal's foreground group: let it decide.
process.on("SIGINT", () => undefined);
const { status, signal } = spawnSync(isNewEnough ? process.execPath : own, [main, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 128 + (constants.signals[signal] ?? 0);
