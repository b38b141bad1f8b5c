import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { completionScript, SHELLS } from "./completion.ts";
import { wholeProgram } from "./program.ts";

const ROOT = await wholeProgram();

/** What bash offers after `words`, the last of which is being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const ask =
    'eval "$(cat)"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _workbench; printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout, stderr } = spawnSync("bash", ["-c", ask, "bash", ...words], {
    input: completionScript(ROOT, "bash"),
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

test("bash completes commands, sub-commands, options and choices", () => {
  expect(offered("wb", "")).toEqual(expect.arrayContaining(["ingest", "decide", "--json"]));
  expect(offered("wb", "dataset", "ex")).toEqual(["export"]);
  expect(offered("wb", "--json", "dataset", "export", "--t")).toEqual(["--to"]);
  expect(offered("wb", "completion", "z")).toEqual(["zsh"]);
  // A word that is no command leaves the place as it is.
  expect(offered("wb", "eval", "my-suite", "--rescor")).toEqual(["--rescore"]);
});

// Only bash is on every machine that runs the tests. After a change of the other two scripts, ask the shells:
//   fish -c 'source workbench.fish; complete -C "wb train "'
//   zsh: put _workbench into fpath, start compinit, press tab after "wb train "
// Last done with fish 3.6.0 and zsh 5.9.
test.each(SHELLS)(
  "the script for %s names every option of the tree and nothing that a shell would run",
  (shell) => {
    const script = completionScript(ROOT, shell);
    for (const name of ["--from-manifest", "--saw-head", "--baseline-run"])
      expect(script).toContain(shell === "fish" ? name.slice(2) : name);
    // Descriptions stand in single quotes, where nothing is expanded.
    for (const line of script.split("\n").filter((one) => one.includes("`")))
      expect(line).toMatch(/'[^']*`[^']*'/);
  },
);
