import { spawn, type ChildProcess } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { tempProject } from "../../evaluate/testing/project.ts";

const MAIN = join(import.meta.dirname, "../main.ts");
const WAITING = "waiting for a change";

const suiteOf = (scorer: string): string => `
import { exact, contains, jsonl, recorded, suite } from "workbench";
export default suite("sums", {
  arms: { baseline: recorded("evals/data/answers.jsonl", { output: "text" }) },
  data: jsonl("evals/data/rows.jsonl"),
  scorers: [${scorer}],
});
`;

const linesOf = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** A running command, and what it has printed on either stream. */
function command(cwd: string, args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  const heard: (() => void)[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      for (const tell of heard.splice(0)) tell();
    });
  const ended = new Promise<number | null>((done) => child.once("close", done));
  /** What it printed since the last time, once it waits again. */
  const untilWaiting = async (): Promise<string> => {
    let end = text.indexOf(WAITING);
    for (; end < 0; end = text.indexOf(WAITING)) await new Promise<void>((tell) => heard.push(tell));
    const said = text.slice(0, end);
    text = text.slice(end + WAITING.length);
    return said;
  };
  return { child, ended, untilWaiting };
}

test("--watch runs again when the suite's file or its data changes, outlives a broken one, and ends on Ctrl-C", async () => {
  const project = await tempProject();
  const [suite, rows] = [join(project.evals, "sums.eval.ts"), join(project.evals, "data/rows.jsonl")];
  const answers = [
    { id: "a", text: "4" },
    { id: "b", text: "it is 5" },
    { id: "c", text: "9" },
  ];
  const asked = [
    { id: "a", input: "2+2", expected: "4" },
    { id: "b", input: "2+3", expected: "5" },
  ];
  await writeFile(join(project.evals, "data/answers.jsonl"), linesOf(answers));
  await writeFile(rows, linesOf(asked));
  await writeFile(suite, suiteOf("exact()"));
  const { child, ended, untilWaiting } = command(project.root, ["eval", "sums", "--watch"]);

  expect(await untilWaiting()).toMatch(/2 of 2 answers scored[^]*exact .*50\.00 %/);
  await writeFile(suite, suiteOf("contains()"));
  expect(await untilWaiting()).toMatch(/2 of 2 answers scored[^]*contains .*100\.00 %/);
  await writeFile(suite, "export default 1 +;");
  expect(await untilWaiting()).toMatch(/WB_SUITE_INVALID/);
  await writeFile(suite, suiteOf("contains()"));
  await untilWaiting();
  await writeFile(rows, linesOf([...asked, { id: "c", input: "3+5", expected: "8" }]));
  expect(await untilWaiting()).toMatch(/3 of 3 answers scored[^]*contains .*66\.67 %/);
  child.kill("SIGINT");
  expect(await ended).toBe(130);
}, 60_000);
