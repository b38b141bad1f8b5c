import { Command } from "commander";
import { withExamples, type Example } from "./examples.ts";
import { inheritManners, manners } from "./manners.ts";

/** What a file of commands/ exports. */
interface CommandFile {
  readonly command: () => Command;
  readonly EXAMPLES: readonly Example[];
  readonly NOTES?: string;
}

type Entry = readonly [name: string, summary: string, load: () => Promise<CommandFile>];

/** The top-level commands in the order of the story; a file is loaded only when its command is asked for. */
const COMMANDS: Readonly<Record<string, readonly Entry[]>> = {
  Begin: [["start", "run the whole loop on the embedded example", () => import("./commands/start.ts")]],
  Logs: [
    [
      "ingest",
      "read logs into the interaction store, redacted, none lost",
      () => import("./commands/ingest.ts"),
    ],
    ["watch", "keep ingesting a folder that grows", () => import("./commands/watch.ts")],
    ["logs", "browse and query the stored interactions", () => import("./commands/logs.ts")],
    [
      "quarantine",
      "see the records that could not be stored, and why",
      () => import("./commands/quarantine.ts"),
    ],
    ["forget", "erase a person, and mark what was built on their rows", () => import("./commands/forget.ts")],
    [
      "index",
      "bring the DuckDB catalog up to date, or rebuild it",
      () => import("./commands/index-command.ts"),
    ],
  ],
  Data: [
    ["curate", "build a dataset version from stored interactions", () => import("./commands/curate.ts")],
    ["dataset", "list, show, compare and export dataset versions", () => import("./commands/dataset.ts")],
  ],
  Models: [
    ["train", "train a recipe, export it and check parity", () => import("./commands/train.ts")],
    ["recipe", "check recipes and freeze them into locks", () => import("./commands/recipe.ts")],
    ["python", "the Python environment that training runs in", () => import("./commands/python.ts")],
    [
      "serve",
      "serve the project's models, OpenAI- and Ollama-compatible",
      () => import("./commands/serve.ts"),
    ],
  ],
  Evidence: [
    ["eval", "answer a suite with every arm and score the answers", () => import("./commands/eval.ts")],
    [
      "validate",
      "send many tasks through a local model with a fallback, against targets",
      () => import("./commands/validate.ts"),
    ],
  ],
  Decision: [
    ["decide", "judge a candidate: go, no-go, inconclusive or invalid", () => import("./commands/decide.ts")],
    ["verify", "compute a decision again and compare the bytes", () => import("./commands/verify.ts")],
    ["policy", "check promotion policies and put them on record", () => import("./commands/policy.ts")],
    [
      "registry",
      "registered models, aliases, approvals and the kill switch",
      () => import("./commands/registry.ts"),
    ],
    [
      "experiment",
      "test on live traffic: assign, judge at planned looks, ramp up or back",
      () => import("./commands/experiment.ts"),
    ],
    ["promote", "move production to the candidate of a go", () => import("./commands/promote.ts")],
    ["rollback", "move production back to the previous version", () => import("./commands/rollback.ts")],
    [
      "advise",
      "train? how? on which base? deploy? again? answered from your data",
      () => import("./commands/advise.ts"),
    ],
    ["cost", "what runs cost, and what a candidate would save", () => import("./commands/cost.ts")],
  ],
  Pages: [["report", "build and check the static report site", () => import("./commands/report.ts")]],
  Shell: [
    [
      "completion",
      "print a completion script for bash, zsh or fish",
      () => import("./commands/completion.ts"),
    ],
  ],
};

/** The whole command line. Sub-commands are loaded lazily, so that `--help` and `eval` start fast. */
export async function program(argv: readonly string[] = process.argv): Promise<Command> {
  const words = argv.slice(2);
  return assemble((name) => words.includes(name) || words.includes("completion"));
}

/** The command line with every command loaded: what completion and documentation are made from. */
export function wholeProgram(): Promise<Command> {
  return assemble(() => true);
}

async function assemble(isAsked: (name: string) => boolean): Promise<Command> {
  const root = manners(
    new Command("workbench")
      .description("From interaction logs to a promotion decision that can be checked to the last byte.")
      .version("0.1.0", "-V, --version", "print the version")
      .option("--json", "print the result as one JSON document")
      .option("--project <folder>", "the project to work in (default: the nearest one upwards)")
      .option("--no-color", "no colours (NO_COLOR works too)")
      .option("--debug", "print the stack of an error")
      .commandsGroup("Shell:")
      .helpCommand("help [command]", "explain a command"),
  );
  for (const [title, entries] of Object.entries(COMMANDS))
    for (const [name, summary, load] of entries) {
      const command = isAsked(name) ? made(await load()) : new Command(name);
      root.addCommand(command.name(name).summary(summary).helpGroup(`${title}:`));
      inheritManners(root, command);
    }
  return root;
}

const made = ({ command, EXAMPLES, NOTES }: CommandFile): Command => withExamples(command(), EXAMPLES, NOTES);
