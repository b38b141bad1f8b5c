import type { Command } from "commander";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { examplesOf, pathOf } from "./examples.ts";
import { program, wholeProgram } from "./program.ts";

const ROOT = await wholeProgram();
const nameOf = (command: Command): string => pathOf(command).join(" ");
const allBelow = (command: Command): readonly Command[] =>
  command.commands.flatMap((one) => [one, ...allBelow(one)]);
const ALL = allBelow(ROOT);

test.each(ALL.map((command) => [nameOf(command), command] as const))(
  "%s teaches itself: a summary, a description, examples, every argument and option",
  (name, command) => {
    expect(command.summary(), "summary").toMatch(/^[a-z].*[^.]$|^[A-Z]{2}/);
    expect(command.description(), "description").toMatch(/^[A-Z].*\.$/s);
    for (const argument of command.registeredArguments)
      expect(argument.description, `argument ${argument.name()}`).not.toBe("");
    for (const { flags, description } of command.options) {
      expect(description, flags).toMatch(/^[a-z].*[^.]$/s);
      expect(flags, "takes a named value").not.toMatch(/<value>/);
    }
    expect(examplesOf(command).length, `an example of ${name}`).toBeGreaterThan(0);
    // An example of a command shows that command, so that a renamed one is found out.
    expect(
      examplesOf(command).some(([line]) => line.includes(`workbench ${name}`) || line === "npm start"),
    ).toBe(true);
  },
);

test("examples name only commands and options that exist", () => {
  const names = new Set(ALL.map(nameOf));
  for (const command of ALL)
    for (const [line] of examplesOf(command)) {
      const words = /(?:^|\| |\S+=\S+ )workbench ([^|>]*)/.exec(line)?.[1]?.trim().split(/\s+/);
      if (!words || words[0] === "…") continue;
      const two = words.slice(0, 2).join(" ");
      const name = names.has(two) ? two : (words[0] ?? "");
      expect(names, line).toContain(name);
      const named = ALL.find((one) => nameOf(one) === name);
      const known = [named, named?.parent].flatMap((one) => one?.options ?? []).map(({ long }) => long);
      for (const word of words.filter((one) => one.startsWith("--")))
        expect([...known, ...ROOT.options.map(({ long }) => long)], line).toContain(word);
    }
});

test("the version is the package's", () => {
  const text = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
  expect(ROOT.version()).toBe((JSON.parse(text) as { version: string }).version);
});

test("only the command that is asked for is loaded", async () => {
  const root = await program(["node", "workbench", "dataset", "list"]);
  const loaded = root.commands.filter((command) => command.commands.length > 0 || command.options.length > 0);
  expect(loaded.map((command) => command.name())).toEqual(["dataset"]);
});
