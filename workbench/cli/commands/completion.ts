import { Argument, Command } from "commander";
import { completionScript, SHELLS, type Shell } from "../completion.ts";
import type { Example } from "../examples.ts";

export function command(): Command {
  return new Command("completion")
    .description("Print a completion script for your shell; it completes workbench and wb.")
    .addArgument(new Argument("<shell>", "the shell to complete in").choices(SHELLS))
    .action((shell: Shell, _options: unknown, self: Command) => {
      // program.ts loads every command when this one is asked for.
      const script = completionScript(self.parent ?? self, shell);
      const { json } = self.optsWithGlobals<{ json?: boolean }>();
      process.stdout.write(json === true ? `${JSON.stringify({ shell, script }, null, 2)}\n` : script);
    });
}

export const EXAMPLES: readonly Example[] = [
  ["workbench completion bash >> ~/.bashrc"],
  ["workbench completion zsh > ~/.zfunc/_workbench", "~/.zfunc is in fpath before compinit"],
  ["workbench completion fish > ~/.config/fish/completions/workbench.fish"],
];

export const NOTES = "Commands, options and choices are completed; everything else falls back to file names.";
