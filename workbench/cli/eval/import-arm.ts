import { resolve } from "node:path";
import type { ExitCode } from "../../errors/codes.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import { importResults } from "../../evaluate/imports/import.ts";
import type { Context } from "../context.ts";

/** Makes a recorded arm of another tool's results, and says how a suite names it. */
export async function importArm(
  { project, out, effects }: Context,
  file: string,
  { arm, select }: { readonly arm: string | undefined; readonly select: string | undefined },
): Promise<ExitCode> {
  if (arm === undefined)
    throw new WorkbenchError({
      code: "WB_USAGE",
      what: "what shall the arm be called?",
      fix: "workbench eval import <file> --arm candidate",
    });
  const request = { project, file: resolve(file), arm, select: select ?? null };
  const done = await importResults(request, effects);
  out.line(`wrote ${done.path}: ${done.rows} answers of ${done.tool}, ${done.failed} of them failed`);
  for (const note of done.notes) out.line(note);
  if (done.scores.length > 0) out.line(`scores: ${done.scores.join(", ")}`);
  const source = `imported(${JSON.stringify(done.path)})`;
  const own = arm === "baseline" || arm === "candidate";
  out.line(`in a suite: arms: { ${own ? `${arm}: ${source}` : `candidate: { ${quoted(arm)}: ${source} }`} }`);
  out.result(done);
  return 0;
}
