import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { seeded } from "../stats/random.ts";
import { fakeServer } from "./testing/fake-server.ts";
import { tempProject, writeRows } from "./testing/project.ts";

const MAIN = resolve(import.meta.dirname, "../cli/main.ts");
/** More of them with WB_KILLS=100, at other moments with WB_SEED. */
const KILLS = Number(process.env["WB_KILLS"] ?? 4);
const SEED = process.env["WB_SEED"] ?? "kill";
/** Enough that the last kill still finds work to stop. */
const SAMPLES = 150 + 8 * KILLS;
const IN_FLIGHT = 4;

const SUITE = `import { chat, exact, jsonl, suite } from "workbench";
export default suite("asking", {
  arms: { baseline: "first", candidate: "second" },
  data: jsonl("evals/data/rows.jsonl"),
  task: chat({ user: (s) => s.input.text }),
  scorers: [exact()],
});
`;

/** Runs the command; kills it after so many answers of the server, or lets it end. */
async function wb(root: string, args: readonly string[], killWhen?: () => boolean) {
  const child = spawn(process.execPath, [MAIN, "eval", "asking", "--json", "--project", root, ...args]);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  const timer = setInterval(() => {
    if (killWhen?.() === true) child.kill("SIGKILL");
  }, 1);
  const code = await new Promise<number | null>((done) => child.once("close", done));
  clearInterval(timer);
  return { code, stdout, stderr };
}

/** The terminal rows that the journal holds: whole lines by their key. */
async function rowsOf(runs: string): Promise<ReadonlyMap<string, string>> {
  const rows = new Map<string, string>();
  for (const run of await readdir(runs)) {
    const journal = join(runs, run, "events.jsonl");
    if (!existsSync(journal)) continue; // killed before the first row
    const text = await readFile(journal, "utf8");
    // A torn last line is no row.
    for (const line of text.split("\n").slice(0, -1)) {
      const { kind, key } = JSON.parse(line) as { kind: string; key: string };
      if (kind !== "sample.scored" && kind !== "sample.failed") continue;
      expect(rows.has(key), "a row is written once").toBe(false);
      rows.set(key, line);
    }
  }
  return rows;
}

interface Printed {
  readonly folder: string;
  readonly result: { readonly done: number; readonly failed: number; readonly metrics: unknown };
}

test(
  "SIGKILL at random moments: no row is lost, little is paid twice, and the bytes are those of a run without",
  async () => {
    const server = await fakeServer({ latencyMs: 4 });
    const project = await tempProject(
      `endpoints:\n  fake: { kind: openai, url: "${server.origin}/v1" }\n` +
        "models:\n  first: { endpoint: fake, model: m1 }\n  second: { endpoint: fake, model: m2 }\n",
    );
    await writeRows(project, SAMPLES);
    await writeFile(join(project.evals, "asking.eval.ts"), SUITE);
    const random = seeded(SEED);
    const paid = (): number => [...server.paid.values()].reduce((sum, times) => sum + times, 0);
    const args = ["--concurrency", String(IN_FLIGHT)];
    const started = performance.now();
    try {
      let rows: ReadonlyMap<string, string> = new Map();
      const checkNothingLost = async (): Promise<void> => {
        const found = await rowsOf(project.runs);
        for (const [key, line] of rows) expect(found.get(key)).toBe(line);
        rows = found;
      };
      for (let kill = 0; kill < KILLS; kill++) {
        const at = paid() + 1 + random.below(Math.ceil(SAMPLES / (KILLS + 2)));
        const { code, stderr } = await wb(project.root, args, () => paid() >= at);
        expect(code, `kill ${kill}: it had ended before: ${stderr}`).toBe(null);
        await checkNothingLost();
      }
      const ended = await wb(project.root, args);
      expect(ended.stderr).not.toContain("error:");
      const done = JSON.parse(ended.stdout) as Printed;
      expect(done.result).toMatchObject({ done: 2 * SAMPLES, failed: 0 });
      await checkNothingLost();
      expect(rows.size).toBe(2 * SAMPLES);
      // Two arms have two models, so two limits, and each kill may repeat what was in flight.
      const before = paid();
      const repaid = before - 2 * SAMPLES;
      expect(repaid).toBeLessThanOrEqual(KILLS * 2 * IN_FLIGHT);
      const stored = JSON.parse((await wb(project.root, [...args, "--fresh"])).stdout) as Printed;
      expect(stored.folder).not.toBe(done.folder);
      expect(paid()).toBe(before);
      expect(stored.result.metrics).toEqual(done.result.metrics);
      expect(await readFile(join(stored.folder, "samples.jsonl"), "utf8")).toBe(
        await readFile(join(done.folder, "samples.jsonl"), "utf8"),
      );
      if (process.env["WB_KILLS"] !== undefined)
        console.log(
          `${KILLS} kills: ${rows.size} rows, none lost, ${repaid} calls paid twice of ${KILLS * 2 * IN_FLIGHT} possible, ${((performance.now() - started) / 1000).toFixed(0)} s`,
        );
    } finally {
      await server.close();
    }
  },
  60_000 + KILLS * 10_000,
);
