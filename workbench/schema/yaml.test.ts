import { expect, test } from "vitest";
import { z } from "zod";
import { WorkbenchError } from "../errors/error.ts";
import { parseYaml } from "./yaml.ts";

const Shape = z.strictObject({
  lr: z.number(),
  flag: z.boolean().optional(),
  list: z.array(z.string()).optional(),
});
const refusal = (text: string): WorkbenchError => {
  try {
    parseYaml(text, Shape, { file: "recipes/x.yaml", code: "WB_RECIPE_INVALID" });
  } catch (error) {
    if (error instanceof WorkbenchError) return error;
  }
  throw new Error("it was not refused");
};

test.each([
  ["quoted number", 'list: []\nlr: "3e-4 "\n', "recipes/x.yaml:2", 'got "3e-4 " (text)'],
  ["unknown key", "lr: 1\nlearning: 2\n", "recipes/x.yaml:2", "learning is not a known setting"],
  ["missing key", "flag: true\n", "recipes/x.yaml:1", "lr"],
  ["a word that old YAML reads as a boolean", "lr: 1\nflag: yes\n", "recipes/x.yaml:2", '"yes" (text)'],
  ["an old octal", "lr: 1\nlist: [012]\n", "recipes/x.yaml:2", "12 (number)"],
  ["duplicate key", "lr: 1\nlr: 2\n", "recipes/x.yaml:2", "unique"],
  ["unknown tag", "lr: !!js/function 1\n", "recipes/x.yaml:1", ""],
  ["a list where a number must stand", "lr:\n  - 1\n", "recipes/x.yaml:2", "(list)"],
])("%s", (_, text, where, what) => {
  const error = refusal(text);
  expect(error.where).toBe(where);
  expect(error.what.replace("a list", "list")).toContain(what);
  expect(error.exitCode).toBe(2);
});

test("an alias bomb is refused at once", () => {
  const bomb = `a0: &a0 [x]\n${Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`).join("\n")}\n`;
  expect(refusal(bomb).what).toContain("alias");
});
