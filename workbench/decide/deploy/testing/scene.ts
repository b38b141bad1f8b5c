import { readFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { sha256 } from "../../../schema/canonical.ts";
import { Config } from "../../../schema/config.ts";
import { replaceFile } from "../../../store/atomic.ts";
import { realEffects, type Effects } from "../../../store/effects.ts";
import type { Project } from "../../../store/paths.ts";
import { appendLog, FIRST_PREV, readLog, type Log } from "../../log.ts";
import { readRegistry, registryOf } from "../../registry.ts";
import { testProject } from "../../testing/project.ts";
import { deployAll, settleAll, unsettledDeploys } from "../deploy.ts";
import { dyingAt } from "./dying.ts";

export const WEIGHTS = "weights of the new version";

export const config = (...deploy: readonly object[]): Config =>
  Config.parse({ schema: "workbench/config@1", project: "test", deploy });

const moved = (to: string | null, key: string) => ({
  kind: "alias.moved" as const,
  key: `alias:production:${key}`,
  data: { alias: "production", to, from: null, sawHead: FIRST_PREV, record: null, move: "promote" },
});

/** A project with one registered version, v1.2.1, and short ways to deploy it. */
export class Scene {
  readonly project: Project;

  private constructor(project: Project) {
    this.project = project;
  }

  static async make(): Promise<Scene> {
    const project = await testProject(mkdtempSync(join(tmpdir(), "deploy-")));
    const folder = join(project.runs, "train-new");
    await replaceFile(join(folder, "adapter.gguf"), WEIGHTS);
    await replaceFile(join(folder, "result.json"), "{}");
    const digest = sha256(WEIGHTS);
    const data = {
      model: "router",
      version: "v1.2.1",
      weightsSha256: digest,
      artifacts: [{ path: "adapter.gguf", sha256: digest, bytes: WEIGHTS.length }],
      base: { model: "tiny", sha256: digest },
      dataset: { name: "d", digest },
      recipe: "router",
      run: "train-new",
      parent: null,
      metrics: {},
    };
    await appendLog(project, () => [{ kind: "model.registered", key: "model:train-new", data }]);
    return new Scene(project);
  }

  /** What `promote` does under the lock: deploy, and move the alias if all targets came up. */
  async promote(settings: Config, effects: Effects = realEffects): Promise<Error | null> {
    const version = (await readRegistry(this.project)).models[0]!;
    const failures: Error[] = [];
    await appendLog(
      this.project,
      async (log: Log) => {
        const context = { project: this.project, config: settings, effects };
        const { events, failure } = await deployAll(context, version, log);
        if (failure !== null) failures.push(failure);
        return failure === null ? [...events, moved("v1.2.1", log.head)] : events;
      },
      effects,
    );
    return failures[0] ?? null;
  }

  /** Production goes elsewhere: what was deployed is no longer wanted. */
  async leave(): Promise<void> {
    await appendLog(this.project, (log) => [moved(null, log.head)]);
  }

  async settle(settings: Config): Promise<void> {
    const { project } = this;
    await appendLog(project, (log) => settleAll({ project, config: settings, effects: realEffects }, log));
    expect(await unsettledDeploys({ project, effects: realEffects }, await readLog(project))).toEqual([]);
  }

  /**
   * Dies at every step in turn (every `stride`-th), before and after it, then settles as the next command
   * would: what is served is the old state to the last byte, or the new one and the log says so.
   */
  async dieEverywhere(
    settings: Config,
    it: { readonly reset: () => void; readonly look: () => unknown; readonly stride?: number },
  ): Promise<number> {
    it.reset();
    const old = it.look();
    const registry = join(this.project.runs, "registry");
    const logFile = join(registry, "log.jsonl");
    const registered = readFileSync(logFile, "utf8").split("\n")[0]!;
    expect(await this.promote(settings)).toBeNull();
    const fresh = it.look();
    expect(fresh).not.toEqual(old);
    let deaths = 0;
    for (const after of [false, true])
      for (let n = 1; ; n += it.stride ?? 1) {
        await realEffects.remove(registry);
        await replaceFile(logFile, `${registered}\n`);
        it.reset();
        const dying = dyingAt(n, after);
        await this.promote(settings, dying.effects).catch(() => null);
        if (dying.steps() < n) break;
        deaths++;
        await realEffects.remove(join(registry, "log.lock"));
        await this.settle(settings);
        const isNew = registryOf(await readLog(this.project)).aliases.production === "v1.2.1";
        expect(it.look(), `died ${after ? "after" : "before"} step ${n}`).toEqual(isNew ? fresh : old);
      }
    return deaths;
  }
}
