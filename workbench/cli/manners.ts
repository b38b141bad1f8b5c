import type { Command, CommanderError } from "commander";
import { WorkbenchError } from "../errors/error.ts";
import { examplesText, pathOf } from "./examples.ts";
import { wantsColor } from "./output.ts";

/** How every command of the tree behaves: where help goes, how it looks, what a wrong word ends in. */
export function manners(root: Command): Command {
  const color = wantsColor(!process.argv.includes("--no-color"), process.stdout, process.env);
  return root
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => (color ? `\u001b[1m${title}\u001b[0m` : title),
      visibleGlobalOptions: (command) =>
        command.parent ? root.options.filter(({ long }) => long !== "--version") : [],
    })
    .configureOutput({
      // Help that was not asked for, on a command that only has sub-commands, is still the result.
      writeErr: (text) => {
        if (!wantsJson()) process.stdout.write(text);
      },
      outputError: () => undefined,
      getOutHasColors: () => color,
      getErrHasColors: () => color,
    })
    .exitOverride(onExit(root));
}

/** Gives a command that was made on its own, and all below it, the manners of the root. */
export function inheritManners(root: Command, command: Command): void {
  command.copyInheritedSettings(root).exitOverride(onExit(command));
  if (command.description() === "") command.description(sentence(command.summary()));
  command.description(sentence(command.description()));
  command.addHelpText("after", () => examplesText(command));
  if (command.commands.length > 0) command.helpCommand(false);
  for (const nested of command.commands) {
    if (nested.summary() === "") nested.summary(clause(nested.description()));
    inheritManners(root, nested);
  }
}

const sentence = (text: string): string =>
  text === "" ? "" : `${text.slice(0, 1).toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;

const clause = (text: string): string =>
  `${/^[A-Z][a-z]/.test(text) ? text.slice(0, 1).toLowerCase() : text.slice(0, 1)}${text.slice(1).replace(/\.$/, "")}`;

const wantsJson = (): boolean => process.argv.includes("--json");

/** Help and version are no error; everything else commander refuses becomes a WB_USAGE of four parts. */
function onExit(command: Command): (error: CommanderError) => never {
  return (error) => {
    const isHelp = error.exitCode === 0 || (error.code === "commander.help" && !wantsJson());
    throw isHelp ? error : usageError(error, command);
  };
}

function usageError(error: CommanderError, command: Command): WorkbenchError {
  const [message = "", ...rest] = error.message
    .replace(/^error: /, "")
    .replace(
      /^(?:option|command-argument) '(.*?)' argument '(.*)' is invalid\. (.*)$/s,
      "$1 cannot be '$2': $3",
    )
    .replace(
      /^command-argument value '(.*)' is invalid for argument '(.*?)'\. (.*)$/s,
      "$2 cannot be '$1': $3",
    )
    .replace("Allowed choices are ", "choose one of ")
    .split("\n");
  const suggestion = /\(Did you mean (.*)\?\)/.exec(rest.join(" "))?.[1];
  const name = ["workbench", ...pathOf(command)].join(" ");
  return new WorkbenchError({
    code: "WB_USAGE",
    where: name,
    what: error.code === "commander.help" ? "name one of its commands" : message,
    fix: `${suggestion === undefined ? "" : `did you mean ${suggestion}? `}${name} --help shows what there is`,
    cause: error,
  });
}
