import { Command } from "commander";
import { ensurePython } from "../../host/python-env.ts";
import type { Context } from "../context.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";

export function command(): Command {
  const root = new Command("python").description("The Python environment that training runs in.");
  const ensureCommand = new Command("ensure")
    .summary("make the environment, or say where it is")
    .description("Make the locked environment, or say where it is.")
    .exitOverride();
  root.addCommand(ensureCommand.action(withContext(ensure)));
  return root;
}

async function ensure({ project, out, effects }: Context): Promise<undefined> {
  const made = await ensurePython(project, out.note, effects);
  out.result(made);
  out.line(
    `${made.python}  Python ${made.version}  (${made.source === "named" ? "WORKBENCH_PYTHON" : "locked"})`,
  );
  for (const line of made.packages.filter((name) =>
    /^(torch|transformers|peft|tokenizers|safetensors)==/.test(name),
  ))
    out.line(`  ${line}`);
  return undefined;
}

export const EXAMPLES: readonly Example[] = [
  ["workbench python ensure", "make the locked environment under .workbench/python (once)"],
  [
    "WORKBENCH_PYTHON=/path/to/python workbench train …",
    "use that interpreter as it is, with what is installed there",
  ],
];
