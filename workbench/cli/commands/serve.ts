import { Command, InvalidArgumentError } from "commander";
import { WorkbenchError } from "../../errors/error.ts";
import { startServer } from "../../serve/server.ts";
import { findModels } from "../../serve/models.ts";
import type { Context } from "../context.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";

interface Options {
  readonly port: number;
  readonly host: string;
  readonly tokenEnv?: string;
  readonly models?: readonly string[];
  readonly list?: true;
}

export function command(): Command {
  return new Command("serve")
    .description("Serve the project's models on this machine, OpenAI- and Ollama-compatible.")
    .option("--port <n>", "port to listen on, 0 for any free one", port, 8484)
    .option("--host <address>", "address to listen on; anything but loopback needs a token", "127.0.0.1")
    .option("--token-env <name>", "variable that holds the token every request must carry")
    .option("--models <names>", "serve only these, separated by commas", (text) =>
      text.split(",").filter(Boolean),
    )
    .option("--list", "list the models and stop")
    .action(withContext(serve));
}

async function serve({ project, out, effects }: Context, options: Options): Promise<undefined> {
  const found = await findModels(project, effects);
  for (const { name, reason, fix } of found.missing) out.note(`not served: ${name} (${reason}; fix: ${fix})`);
  if (options.list) {
    out.result({
      models: found.models.map(({ name, run, recipe }) => ({ name, run, recipe })),
      missing: found.missing,
    });
    for (const { name } of found.models) out.line(name);
    return;
  }
  const token = options.tokenEnv === undefined ? null : (effects.env(options.tokenEnv) ?? "");
  if (token === "")
    throw new WorkbenchError({
      code: "WB_KEY_MISSING",
      what: `the variable ${options.tokenEnv ?? ""} is not set`,
      fix: `export ${options.tokenEnv ?? ""}=<a long random text>`,
    });
  const { port, host, models } = options;
  const server = await startServer({ project, port, host, token, models }, effects);
  out.result({ origin: server.origin, models: found.models.map(({ name }) => name) });
  out.line(`${out.paint.bold(server.origin)}  OpenAI: ${server.origin}/v1  Ollama: ${server.origin}`);
  for (const { name } of found.models) if (!models || models.includes(name)) out.line(`  ${name}`);
  out.note("stop with Ctrl-C");
  return undefined;
}

function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new InvalidArgumentError("a port is 0 to 65535");
}

export const EXAMPLES: readonly Example[] = [
  ["workbench serve", "every model of this project on http://127.0.0.1:8484"],
  ["workbench serve --list", "what could be served, and what is missing"],
  ["workbench serve --models tiny-router,tiny-router@tiny-sft"],
  [
    'curl http://127.0.0.1:8484/v1/chat/completions -d \'{"model":"tiny-router","messages":[{"role":"user","content":"hello"}]}\'',
  ],
  ["OLLAMA_HOST=http://127.0.0.1:8484 ollama ls", "the same models, Ollama-shaped"],
];

export const NOTES = `
Names: tiny-router is the base, tiny-router@<run id> a run's adapter on it, tiny-router@<recipe> the newest run of a recipe.`;
