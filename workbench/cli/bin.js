#!/usr/bin/env node
// The workbench runs TypeScript directly, which needs Node 24. The project brings its own (see
// optionalDependencies), so this starts it with whatever older Node was asked to run this file.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const main = join(dirname(fileURLToPath(import.meta.url)), "main.ts");
const packages = join(dirname(main), "..", "..", "node_modules");
const platform = `${process.platform}-${process.arch}`;
const bundled = [`node-${platform}`, `node-bin-${platform}`]
  .map((name) => join(packages, name, "bin", "node"))
  .find((path) => existsSync(path));
const isNewEnough = Number(process.versions.node.split(".")[0]) >= 24;

if (!isNewEnough && bundled === undefined) {
  process.stderr.write(
    `error: this is Node ${process.versions.node}, and no Node 24 is installed for ${platform}\n` +
      "  why  the workbench is TypeScript that Node 24 runs without a build step\n" +
      "  fix  run npm ci in the project, or install Node 24 or newer\n" +
      "  WB_NODE_TOO_OLD · docs/errors.md#wb_node_too_old\n",
  );
  process.exit(2);
}

if (isNewEnough) {
  // What is loaded from here on is kept compiled beside the packages: TypeScript is stripped of its types once.
  const { enableCompileCache } = await import("node:module"); // an older Node has none
  enableCompileCache(join(packages, ".cache", "workbench"));
  await import(pathToFileURL(main).href);
} else startWith(bundled);

/** Runs the command with another Node. */
function startWith(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  // A signal sent to this process is meant for the child, which decides what becomes of it. From a
  // terminal Ctrl-C reaches both; that the child is then told twice does no harm.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 2;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}
