import { spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Project } from "../store/paths.ts";
import { seeded } from "../stats/random.ts";
import { requires } from "../testing/requires.ts";
import { finishedRuns, newestRunOf } from "./runs.ts";
import { train } from "./start.ts";
import { followTraining, listTraining, stopTraining, trainStatus } from "./status.ts";
import {
  adapterSha256,
  dpoRecipe,
  effectsWith,
  makeProject,
  sftRecipe,
  writeRecipe,
} from "./testing/fixture.ts";

const python = requires("python");
const effects = effectsWith(python);
const CLI = resolve(import.meta.dirname, "../cli/main.ts");

describe.skipIf(python === null)("train start", { timeout: 600_000 }, () => {
  let project: Project;
  let straight = "";
  beforeAll(async () => {
    project = await makeProject();
    const report = await train({ project, recipe: "short-sft" }, effects);
    straight = await adapterSha256(project, report.run);
  }, 600_000);
  afterAll(async () => rm(project.root, { recursive: true, force: true }));

  test("leaves a whole run folder, certified", async () => {
    const run = await newestRunOf(project, "short-sft");
    expect(run?.result.parity?.passed).toBe(true);
    expect(run?.result.steps).toBe(15);
    expect(run?.result.costUsd).toBeNull();
    const paths = run?.result.artifacts.map(({ path }) => path) ?? [];
    expect(paths).toEqual(
      expect.arrayContaining(["artifacts/adapter.gguf", "artifacts/merged.gguf", "metrics.jsonl"]),
    );
    expect(run?.manifest["packages"]).toEqual(expect.arrayContaining([expect.stringMatching(/^torch==/)]));
    expect((await listTraining(project, effects)).map(({ state }) => state)).toEqual(["finished"]);
  });

  test("a second time checks the files and does nothing; a changed byte is exit 6", async () => {
    const events: string[] = [];
    const report = await train(
      { project, recipe: "short-sft", onProgress: ({ phase }) => void events.push(phase) },
      effects,
    );
    expect(report.reused).toBe(true);
    expect(events).not.toContain("train");
    const path = join(report.folder, "artifacts/adapter.gguf");
    const bytes = await readFile(path);
    await writeFile(path, Buffer.concat([bytes, Buffer.from([0])]));
    await expect(train({ project, recipe: "short-sft" }, effects)).rejects.toMatchObject({ exitCode: 6 });
    await writeFile(path, bytes);
  });

  test("DPO goes on from the newest run of the recipe it names", async () => {
    await writeRecipe(project, "short-dpo", dpoRecipe());
    const { result } = await train({ project, recipe: "short-dpo" }, effects);
    expect(result.start).toBe((await newestRunOf(project, "short-sft"))?.id);
    expect(result.parity?.checks.map(({ name }) => name).join()).toMatch(/merged f32.*merged q8_0/);
    expect(await finishedRuns(project, null)).toHaveLength(2);
  });

  test("killed at any moment, then repeated: the same adapter", async () => {
    const random = seeded(String(process.env["WB_KILL_SEED"] ?? 1));
    const own = await makeProject();
    for (let round = 0; round < 4; round++) {
      const child = spawn(process.execPath, [CLI, "train", "start", "short-sft", "--project", own.root], {
        env: { ...process.env, WORKBENCH_PYTHON: python ?? "" },
        stdio: "ignore",
      });
      await sleep(500 + random.below(9_000));
      child.kill("SIGKILL");
      // Every second time the trainer dies as well, as in a power cut.
      const [status] = await listTraining(own, effects).catch(() => []);
      const proc = join(own.private, "hosts/local", status?.run ?? "none", "proc.json");
      const pid = await readFile(proc, "utf8")
        .then((text) => (JSON.parse(text) as { pid: number }).pid)
        .catch(() => null);
      if (round % 2 === 0 && pid !== null) effects.kill(pid, "SIGKILL");
    }
    const report = await train({ project: own, recipe: "short-sft" }, effects);
    expect(await adapterSha256(own, report.run)).toBe(straight);
    await rm(own.root, { recursive: true });
  });

  test("two at once: the trainer is never doubled; stop leaves a checkpoint, start goes on", async () => {
    const own = await makeProject();
    const long = (text: string): string => text.replace("epochs: 3", "epochs: 200");
    await writeRecipe(own, "short-sft", sftRecipe(long));
    let pid = 0;
    const first = train(
      { project: own, recipe: "short-sft", onProcess: (found) => void (pid = found) },
      effects,
    );
    const ended = first.then(
      () => "finished",
      (error: unknown) => error,
    );
    let [status] = await listTraining(own, effects);
    while (status?.state !== "running" || pid === 0) {
      await sleep(200);
      [status] = await listTraining(own, effects);
    }
    await expect(train({ project: own, recipe: "short-sft" }, effects)).rejects.toMatchObject({
      code: "WB_LOCK_BUSY",
    });
    const watched = followTraining(
      { project: own, run: status.run, onProgress: () => undefined },
      effects,
    ).catch((error: unknown) => error);
    while (!(await effects.stat(join(own.private, "hosts/local", status.run, "ckpt/step-000002"))))
      await sleep(100);
    const stopped = await stopTraining({ project: own, run: status.run, graceS: 30 }, effects);
    expect(stopped.state).toBe("stopped");
    expect(await ended).toMatchObject({ code: "WB_INTERRUPTED", exitCode: 130 });
    expect(await watched).toMatchObject({ code: "WB_INTERRUPTED" });
    expect((await trainStatus({ project: own, run: status.run }, effects)).detail).toMatch(
      /^stopped after step \d+/,
    );
    await rm(own.root, { recursive: true });
  });

  test("what a host cannot do is refused, naming the field and its line", async () => {
    await writeRecipe(
      project,
      "short-sft",
      sftRecipe((text) => text.replace("gguf: [f32]", "gguf: [q4_k_m]")),
    );
    await expect(train({ project, recipe: "short-sft" }, effects)).rejects.toMatchObject({
      code: "WB_RECIPE_UNSUPPORTED",
      exitCode: 2,
      where: "recipes/short-sft.yaml:10",
      what: expect.stringContaining("export.gguf") as string,
    });
  });
});
