import { CommanderError } from "commander";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { printable } from "../errors/printable.ts";
import { asWorkbenchError, renderError, reportError } from "../errors/render.ts";
import { wantsColor } from "./output.ts";
import { program } from "./program.ts";

// Commands are loaded from here on: their compiled code is kept beside the packages, which halves the start.
enableCompileCache(join(import.meta.dirname, "../../node_modules/.cache/workbench"));

// The only place that turns an error into text and an exit code.
const color = wantsColor(!process.argv.includes("--no-color"), process.stderr, process.env);

function fail(thrown: unknown): never {
  // Only help and the version arrive here as such (manners.ts).
  if (thrown instanceof CommanderError) process.exit(0);
  const error = asWorkbenchError(thrown);
  if (process.argv.includes("--json"))
    process.stderr.write(`${printable(JSON.stringify(reportError(error)))}\n`);
  else
    process.stderr.write(`${renderError(error, (text) => (color ? `\u001b[31m${text}\u001b[0m` : text))}\n`);
  if (process.argv.includes("--debug")) console.error(thrown);
  process.exit(error.exitCode);
}

process.on("SIGINT", () => {
  process.stderr.write("\ninterrupted: what is done is kept; run the same command again to finish\n");
  process.exit(130);
});
// `workbench … | head` closes our output early: that is no error.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

try {
  await (await program()).parseAsync();
} catch (thrown) {
  fail(thrown);
}
