import type { Command } from "commander";
import { resolve } from "node:path";
import type { ExitCode } from "../errors/codes.ts";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { findProject } from "../store/paths.ts";
import type { Output } from "./output.ts";
import { makeOutput, wantsColor } from "./output.ts";

/** What every command's action gets: the project it runs in, how it prints, how it touches the world. */
export interface Context {
  readonly project: Project;
  readonly out: Output;
  readonly effects: Effects;
}

export interface GlobalOptions {
  readonly json?: boolean;
  readonly color?: boolean;
  readonly debug?: boolean;
  readonly project?: string;
}

export function outputFor(options: GlobalOptions): Output {
  return makeOutput({
    json: options.json ?? false,
    color: wantsColor(options.color ?? true, process.stdout, process.env),
  });
}

/** A named project must be there: only the working directory is looked for upwards when it is none itself. */
async function projectOf(named: string | undefined): Promise<Project> {
  if (named !== undefined && (await realEffects.stat(resolve(named))) === null)
    throw new WorkbenchError({
      code: "WB_FILE_MISSING",
      where: "--project",
      what: `${quoted(named)} is no folder`,
      fix: "name the folder that holds workbench.config.yaml",
    });
  return findProject(named ?? process.cwd());
}

/**
 * Wraps a command's action: finds the project, makes the output, and turns the returned exit code
 * into the process's. Errors travel on to main.ts, the only place that renders them and exits.
 *
 * `command.action(withContext(async ({project, out, effects}, source: string, options: Options) => { … }))`
 */
export function withContext<Args extends readonly unknown[]>(
  act: (context: Context, ...args: Args) => Promise<ExitCode | undefined>,
): (...args: readonly unknown[]) => Promise<void> {
  return async (...args) => {
    const command = args.at(-1) as Command;
    const globals = command.optsWithGlobals<GlobalOptions>();
    const project = await projectOf(globals.project);
    const context: Context = { project, out: outputFor(globals), effects: realEffects };
    const code = await act(context, ...(args.slice(0, -1) as unknown as Args));
    if (code !== undefined) process.exitCode = code;
  };
}
