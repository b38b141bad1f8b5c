import type { Command } from "commander";
import { pathOf } from "./examples.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

interface Word {
  readonly word: string;
  readonly about: string;
  /** An option that is followed by a value. */
  readonly takesValue?: boolean;
}

/** One command of the tree: the words that lead to it, and what may be typed after them. */
interface Place {
  readonly path: string;
  readonly words: readonly Word[];
  /** An argument may be a file's name: it is none of a few choices. */
  readonly takesFiles: boolean;
}

/** A script that completes commands, options and choices; made from the command tree, so never stale. */
export function completionScript(root: Command, shell: Shell): string {
  return { bash, zsh, fish }[shell](places(root, globalsOf(root)));
}

const globalsOf = (root: Command): readonly Word[] => [
  ...root.options.filter(({ long }) => long !== "--version").map(optionWord),
  { word: "--help", about: "explain a command" },
];

function places(command: Command, globals: readonly Word[]): readonly Place[] {
  const below = command.commands.map((one) => ({ word: one.name(), about: one.summary() }));
  const own = command.parent
    ? command.options.map(optionWord)
    : [{ word: "--version", about: "print the version" }];
  const choices = command.registeredArguments.flatMap(({ argChoices = [], description }) =>
    argChoices.map((word) => ({ word, about: description })),
  );
  return [
    {
      path: pathOf(command).join(" "),
      words: [...below, ...choices, ...own, ...globals],
      takesFiles: command.registeredArguments.some(({ argChoices }) => argChoices === undefined),
    },
    ...command.commands.flatMap((one) => places(one, globals)),
  ];
}

const optionWord = (option: {
  readonly long?: string | undefined;
  readonly flags: string;
  readonly description: string;
  readonly required: boolean;
}): Word => ({
  word: option.long ?? option.flags,
  about: option.description,
  takesValue: option.required,
});

/** Quoted for any of the three shells: within single quotes only the quote itself is special (and, in fish, the backslash). */
const quote = (text: string): string => `'${text.replaceAll("\\", "").replaceAll("'", "’")}'`;

const steps = (all: readonly Place[]): string =>
  all
    .filter(({ path }) => path !== "")
    .map(({ path }) => quote(path))
    .join("|");

function bash(all: readonly Place[]): string {
  const cases = all.map(
    ({ path, words }) => `    ${quote(path)}) words=${quote(words.map(({ word }) => word).join(" "))} ;;`,
  );
  return `# bash completion for workbench and wb
_workbench() {
  local current="\${COMP_WORDS[COMP_CWORD]}" place='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${place:+$place }\${COMP_WORDS[i]}" in
      ${steps(all)}) place="\${place:+$place }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$place" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _workbench workbench wb
`;
}

function zsh(all: readonly Place[]): string {
  const entry = ({ word, about }: Word): string => quote(`${word}:${about.replaceAll(":", " -")}`);
  const cases = all.map(
    ({ path, words }) => `    ${quote(path)}) words_here=(${words.map(entry).join(" ")}) ;;`,
  );
  return `#compdef workbench wb
# zsh completion for workbench and wb
_workbench() {
  local place='' word
  local -a words_here
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${place:+$place }$word" in
      ${steps(all)}) place="\${place:+$place }$word" ;;
    esac
  done
  case "$place" in
${cases.join("\n")}
  esac
  _describe -V workbench words_here || _files
}
if [ "$funcstack[1]" = _workbench ]; then _workbench "$@"; else compdef _workbench workbench wb; fi
`;
}

function fish(all: readonly Place[]): string {
  const lines = all.flatMap(({ path, words, takesFiles }) => {
    const here = `  complete -c $program -n ${quote(`__workbench_at "${path}"`)}`;
    const named = words.map(({ word, about, takesValue = false }) => {
      const option = `-l ${quote(word.slice(2))}${takesValue ? " -rF" : ""}`;
      return `${here} ${word.startsWith("--") ? option : `-a ${quote(word)}`} -d ${quote(about)}`;
    });
    return takesFiles ? named : [`${here} -f`, ...named];
  });
  return `# fish completion for workbench and wb
function __workbench_at
  set -l place ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$place $word")
    contains -- $next ${all
      .filter(({ path }) => path !== "")
      .map(({ path }) => quote(path))
      .join(" ")}; and set place $next
  end
  test "$place" = "$argv[1]"
end
for program in workbench wb
${lines.join("\n")}
end
`;
}
