import { Command } from "commander";

/** A top-level command and the file that holds it, loaded only when it is the one asked for. */
const COMMANDS: readonly (readonly [name: string, summary: string, load: () => Promise<Command>])[] = [
  [
    "start",
    "run the whole loop on the embedded example",
    async () => (await import("./commands/start.ts")).command(),
  ],
  [
    "ingest",
    "read logs into the interaction store, redacted and without loss",
    async () => (await import("./commands/ingest.ts")).command(),
  ],
  [
    "logs",
    "browse and query the stored interactions",
    async () => (await import("./commands/logs.ts")).command(),
  ],
  [
    "quarantine",
    "see the records that could not be stored, and why",
    async () => (await import("./commands/quarantine.ts")).command(),
  ],
  [
    "index",
    "bring the DuckDB catalog up to date, or rebuild it",
    async () => (await import("./commands/index-command.ts")).command(),
  ],
  [
    "eval",
    "answer a suite with baseline and candidates, score every answer",
    async () => (await import("./commands/eval.ts")).command(),
  ],
  [
    "curate",
    "build a dataset version from stored interactions",
    async () => (await import("./commands/curate.ts")).command(),
  ],
  [
    "dataset",
    "list, show, compare and export dataset versions",
    async () => (await import("./commands/dataset.ts")).command(),
  ],
  [
    "train",
    "train a recipe, export it and check parity",
    async () => (await import("./commands/train.ts")).command(),
  ],
  [
    "recipe",
    "check recipes and freeze them into locks",
    async () => (await import("./commands/recipe.ts")).command(),
  ],
  [
    "python",
    "the Python environment that training runs in",
    async () => (await import("./commands/python.ts")).command(),
  ],
  [
    "serve",
    "serve the project's models, OpenAI- and Ollama-compatible",
    async () => (await import("./commands/serve.ts")).command(),
  ],
  [
    "report",
    "build and check the static report site",
    async () => (await import("./commands/report.ts")).command(),
  ],
  [
    "decide",
    "judge a candidate under a policy: go, no-go, inconclusive or invalid",
    async () => (await import("./commands/decide.ts")).command(),
  ],
  [
    "verify",
    "compute a decision again from its evidence and compare the bytes",
    async () => (await import("./commands/verify.ts")).command(),
  ],
  [
    "promote",
    "move production to the candidate of a go",
    async () => (await import("./commands/promote.ts")).command(),
  ],
  [
    "rollback",
    "move production back to the previous version",
    async () => (await import("./commands/rollback.ts")).command(),
  ],
  [
    "registry",
    "registered models, aliases, approvals and the kill switch",
    async () => (await import("./commands/registry.ts")).command(),
  ],
  [
    "policy",
    "check promotion policies and put them on record",
    async () => (await import("./commands/policy.ts")).command(),
  ],
  [
    "cost",
    "what runs cost, and what a candidate would save",
    async () => (await import("./commands/cost.ts")).command(),
  ],
];

/** The whole command line. Sub-commands are loaded lazily, so that `--help` and `eval` start fast. */
export async function program(argv: readonly string[] = process.argv): Promise<Command> {
  const root = new Command("workbench")
    .description("From interaction logs to a promotion decision that can be checked to the last byte.")
    .version("0.1.0")
    .option("--json", "print the result as one JSON document")
    .option("--project <folder>", "the project to work in (default: the nearest one upwards)")
    .option("--no-color", "no colours (NO_COLOR works too)")
    .option("--debug", "print the stack of an error")
    .showHelpAfterError("(add --help for what this command takes)")
    .exitOverride();
  const asked = argv.slice(2).find((word) => COMMANDS.some(([name]) => name === word));
  for (const [name, summary, load] of COMMANDS) {
    const command = name === asked ? await load() : new Command(name);
    root.addCommand(throwing(command.name(name).summary(summary)));
  }
  return root;
}

/** A wrong option ends in a thrown error at every level, so that main.ts alone chooses the exit code. */
function throwing(command: Command): Command {
  for (const nested of command.commands) throwing(nested);
  return command.exitOverride();
}
