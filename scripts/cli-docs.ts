/** Writes docs/cli.md from the commands themselves: `node scripts/cli-docs.ts`. */
import type { Argument, Command, Option } from "commander";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { examplesOf, notesOf, pathOf } from "../workbench/cli/examples.ts";
import { wholeProgram } from "../workbench/cli/program.ts";

export const PAGE = join(import.meta.dirname, "..", "docs", "cli.md");

const INTRO = `# Commands

<!-- Made by scripts/cli-docs.ts from the commands themselves: change those, then run it. -->

\`workbench\` (or \`wb\`) runs in a project: a folder with a \`workbench.config.yaml\`, or any folder below it.

- Results go to standard output, notes, progress and errors to standard error. \`--json\` prints exactly one JSON
  document instead, and errors as one JSON object.
- Colours appear on a terminal only; \`--no-color\` and \`NO_COLOR\` turn them off, \`FORCE_COLOR\` on.
- Exit codes are an interface: [errors.md](errors.md) lists them and every error.
- \`workbench completion bash|zsh|fish\` prints a completion script.
`;

/** The page as it must be now, formatted as the repository is. */
export async function cliDocs(): Promise<string> {
  const root = await wholeProgram();
  const groups = new Map<string, Command[]>();
  for (const command of root.commands)
    groups.set(command.helpGroup(), [...(groups.get(command.helpGroup()) ?? []), command]);
  const contents = [...groups].map(
    ([group, commands]) =>
      `| ${group.replace(/:$/, "")} | ${commands.map((one) => `[${one.name()}](#${one.name()})`).join(" · ")} |`,
  );
  const text = [
    INTRO,
    `Every command takes these:\n\n${optionTable(root.options)}`,
    `| part | commands |\n| --- | --- |\n${contents.join("\n")}`,
    ...root.commands.map((command) => section(command, 2)),
  ].join("\n\n");
  return format(text, { ...(await resolveConfig(PAGE)), parser: "markdown" });
}

function section(command: Command, level: number): string {
  const name = pathOf(command).join(" ");
  const usage =
    command.commands.length > 0 && command.registeredArguments.length === 0 ? [] : [usageOf(command, name)];
  const own = level === 2 || command.commands.length === 0 ? examplesOf(command) : [];
  const width = Math.max(0, ...own.map(([line]) => (line.length > 52 ? 0 : line.length)));
  const examples = own.map(([line, what]) =>
    what === undefined ? line : `${line.padEnd(width)}  # ${what}`,
  );
  return [
    `${"#".repeat(level)} ${name}`,
    command.description(),
    ...usage,
    argumentTable(command.registeredArguments),
    optionTable(command.options),
    examples.length > 0 ? `\`\`\`sh\n${examples.join("\n")}\n\`\`\`` : "",
    plain(notesOf(command)),
    ...command.commands.map((nested) => section(nested, level + 1)),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

const usageOf = (command: Command, name: string): string =>
  `\`\`\`\nworkbench ${name} ${command.usage().replace("[command] ", "").trim()}\n\`\`\``;

/** Text inside a Markdown page: what looks like a tag, a row or an emphasis is none. */
const plain = (text: string): string => text.replace(/[<>|*]/g, (char) => `\\${char}`);

function argumentTable(all: readonly Argument[]): string {
  if (all.length === 0) return "";
  const rows = all.map((one) => row(one.name(), one.description, one.defaultValue, one.argChoices));
  return `| argument | |\n| --- | --- |\n${rows.join("\n")}`;
}

function optionTable(all: readonly Option[]): string {
  if (all.length === 0) return "";
  const rows = all.map((one) =>
    row(
      one.flags,
      `${one.description}${one.mandatory ? " (needed)" : ""}`,
      one.negate ? undefined : (one.defaultValueDescription ?? one.defaultValue),
      one.argChoices,
    ),
  );
  return `| option | |\n| --- | --- |\n${rows.join("\n")}`;
}

function row(name: string, text: string, standard: unknown, choices: readonly string[] | undefined): string {
  const more = [
    ...(choices ? [`one of ${choices.join(", ")}`] : []),
    ...(standard === undefined
      ? []
      : [`default: ${typeof standard === "string" ? standard : JSON.stringify(standard)}`]),
  ];
  return `| \`${name.replaceAll("|", "\\|")}\` | ${plain(text)}${more.length > 0 ? ` (${plain(more.join("; "))})` : ""} |`;
}

if (import.meta.main) await writeFile(PAGE, await cliDocs());
