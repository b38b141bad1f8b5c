import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { seeded } from "../stats/random.ts";
import { fakeServer } from "./testing/fake-server.ts";
import { tempProject, writeRows } from "./testing/project.ts";

const MAIN = resolve(import.meta.dirname, "../cli/main.ts");
/** More of them with WB_KILLS=100. */
const KILLS = Number(process.env["WB_KILLS"] ?? 4);
const SAMPLES = 150;
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

test(
  "SIGKILL at random moments: nothing is lost, little is paid twice, and the bytes are those of a run without",
  async () => {
    const server = await fakeServer({ latencyMs: 4 });
    const project = await tempProject(
      `endpoints:\n  fake: { kind: openai, url: "${server.origin}/v1" }\n` +
        "models:\n  first: { endpoint: fake, model: m1 }\n  second: { endpoint: fake, model: m2 }\n",
    );
    await writeRows(project, SAMPLES);
    await writeFile(join(project.evals, "asking.eval.ts"), SUITE);
    const random = seeded("kill");
    const paid = (): number => [...server.paid.values()].reduce((sum, times) => sum + times, 0);
    const args = ["--concurrency", String(IN_FLIGHT)];
    try {
      let killed = 0;
      for (; killed < KILLS; killed++) {
        const at = paid() + 1 + random.below(Math.ceil((2 * SAMPLES) / (KILLS + 2)));
        const { code } = await wb(project.root, args, () => paid() >= at);
        if (code === 0) break;
      }
      expect(killed).toBeGreaterThan(0);
      const ended = await wb(project.root, args);
      expect(ended.stderr).not.toContain("error:");
      const done = JSON.parse(ended.stdout) as { folder: string; result: { done: number; failed: number } };
      expect(done.result).toMatchObject({ done: 2 * SAMPLES, failed: 0 });
      // Two arms have two models, so two limits, and each kill may repeat what was in flight.
      expect(paid()).toBeLessThanOrEqual(2 * SAMPLES + killed * 2 * IN_FLIGHT);
      const before = paid();
      const cached = JSON.parse((await wb(project.root, [...args, "--fresh"])).stdout) as { folder: string };
      expect(cached.folder).not.toBe(done.folder);
      expect(paid()).toBe(before);
      expect(await readFile(join(cached.folder, "samples.jsonl"), "utf8")).toBe(
        await readFile(join(done.folder, "samples.jsonl"), "utf8"),
      );
    } finally {
      await server.close();
    }
  },
  60_000 + KILLS * 3_000,
);
