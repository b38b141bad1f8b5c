import type { Command } from "commander";

/** A line to type, and in a few words what it is for. */
export type Example = readonly [line: string, what?: string];

const EXAMPLES = new WeakMap<Command, readonly Example[]>();
const NOTES = new WeakMap<Command, string>();

/**
 * Ends a command's help with lines to type; `notes` says what they leave open. A sub-command without
 * examples of its own shows those of its parent that begin with its name.
 */
export function withExamples(command: Command, examples: readonly Example[], notes?: string): Command {
  EXAMPLES.set(command, examples);
  if (notes === undefined) return command;
  NOTES.set(command, notes.trim());
  return command.addHelpText("after", () => `\n${wrapped(notes.trim(), command)}`);
}

export const notesOf = (command: Command): string => NOTES.get(command) ?? "";

export function examplesOf(command: Command): readonly Example[] {
  const own = EXAMPLES.get(command);
  if (own || !command.parent) return own ?? [];
  const start = `workbench ${pathOf(command).join(" ")}`;
  return examplesOf(command.parent).filter(([line]) => line === start || line.includes(`${start} `));
}

/** The examples as help shows them: remarks in one column where the terminal is wide enough, else each above its line. */
export function examplesText(command: Command): string {
  const examples = examplesOf(command);
  if (examples.length === 0) return "";
  const column = Math.max(...examples.map(([line]) => (line.length > 52 ? 0 : line.length)));
  const beside = examples.map(([line, what]) =>
    what === undefined ? `  $ ${line}` : `  $ ${line.padEnd(column)}  # ${what}`,
  );
  const above = examples.flatMap(([line, what]) =>
    what === undefined ? [`  $ ${line}`] : [`  # ${what}`, `  $ ${line}`],
  );
  const isWide = examples.every(([, what], i) => what === undefined || fits(beside[i] ?? "", command));
  return ["", "Examples:", ...(isWide ? beside : above)].join("\n");
}

/** As wide as commander makes the rest of a help text. */
const columnsOf = (command: Command): number => command.configureOutput().getOutHelpWidth?.() ?? 80;

const fits = (line: string, command: Command): boolean => line.length <= columnsOf(command);

/** Where a line of the source ends says nothing: the terminal's width does. */
const wrapped = (prose: string, command: Command): string =>
  command.createHelp().boxWrap(prose.replaceAll("\n", " "), columnsOf(command));

/** The words that lead to a command, without the program's own name. */
export function pathOf(command: Command): readonly string[] {
  return command.parent ? [...pathOf(command.parent), command.name()] : [];
}
