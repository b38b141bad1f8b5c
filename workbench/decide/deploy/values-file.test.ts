import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../../schema/canonical.ts";
import { scalarsOf, withScalars } from "./scalars.ts";
import { config, Scene, WEIGHTS } from "./testing/scene.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.make();
});

const VALUES = `# who serves: do not remove this line
image:
  repository: acme/router   # the team's
  tag: "v1.1.1"             # set by promotion

weights: 'old'
replicas: 2
`;

describe("a values file (real git)", () => {
  let repository: string;
  const git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: repository, encoding: "utf8" }).trim();
  const start = (): void => {
    repository = mkdtempSync(join(tmpdir(), "gitops-"));
    git("init", "--quiet");
    git("config", "user.name", "test");
    git("config", "user.email", "test@example.invalid");
    mkdirSync(join(repository, "deploy"));
    writeFileSync(join(repository, "deploy/values.yaml"), VALUES);
    git("add", ".");
    git("commit", "--quiet", "--message", "begin");
  };
  const target = (more: object = {}): object => ({
    name: "cluster",
    kind: "values-file",
    repository,
    file: "deploy/values.yaml",
    set: { "image.tag": "{version}", weights: "{weights}" },
    commit: true,
    ...more,
  });
  const file = (): string => readFileSync(join(repository, "deploy/values.yaml"), "utf8");
  const look = (): unknown => ({
    file: file(),
    head: git("show", "HEAD:deploy/values.yaml"),
    open: git("status", "--porcelain"),
  });

  it("sets the declared keys, keeps every other byte, commits, and goes back to the exact bytes", async () => {
    start();
    expect(await scene.promote(config(target()))).toBeNull();
    expect(file()).toBe(VALUES.replace('"v1.1.1"', '"v1.2.1"').replace("'old'", `"${sha256(WEIGHTS)}"`));
    expect(git("log", "-1", "--format=%s")).toBe("Deploy router v1.2.1");
    expect(git("status", "--porcelain")).toBe("");
    // Production goes elsewhere: settling is the inverse commit.
    await scene.leave();
    await scene.settle(config(target()));
    expect(file()).toBe(VALUES);
    expect(git("log", "--format=%s").split("\n")).toEqual([
      "Revert router v1.2.1",
      "Deploy router v1.2.1",
      "begin",
    ]);
  });

  it("takes back its own keys alone when the file was edited since", async () => {
    start();
    expect(await scene.promote(config(target()))).toBeNull();
    writeFileSync(join(repository, "deploy/values.yaml"), file().replace("replicas: 2", "replicas: 5"));
    await scene.leave();
    await scene.settle(config(target()));
    expect(file()).toContain("replicas: 5");
    expect(scalarsOf(file(), ["image.tag", "weights"])).toEqual({ "image.tag": "v1.1.1", weights: "old" });
  });

  it("pushes only where that is declared", async () => {
    start();
    const remote = mkdtempSync(join(tmpdir(), "remote-"));
    execFileSync("git", ["init", "--bare", "--quiet"], { cwd: remote });
    git("remote", "add", "origin", remote);
    git("push", "--quiet", "--set-upstream", "origin", "HEAD");
    const tip = (): string =>
      execFileSync("git", ["log", "--all", "-1", "--format=%s"], { cwd: remote, encoding: "utf8" }).trim();
    expect(await scene.promote(config(target()))).toBeNull();
    expect(tip()).toBe("begin");
    await scene.leave();
    await scene.settle(config(target()));
    expect(await scene.promote(config(target({ push: true })))).toBeNull();
    expect(tip()).toBe("Deploy router v1.2.1");
  });

  it("refuses keys that are not there, before anything is touched", async () => {
    start();
    const failure = await scene.promote(config(target({ set: { "image.digest": "{weights}" } })));
    expect(failure).toMatchObject({ code: "WB_DEPLOY_INVALID", exitCode: 2 });
    expect(file()).toBe(VALUES);
  });

  it("stands in the old or the new state wherever it dies", async () => {
    start();
    const reset = (): void => writeFileSync(join(repository, "deploy/values.yaml"), VALUES);
    const look = file;
    const deaths = await scene.dieEverywhere(config(target({ commit: false })), { reset, look });
    expect(deaths).toBeGreaterThan(15);
  });

  it("and so does its commit", async () => {
    start();
    const reset = (): void => {
      git("reset", "--quiet", "--hard", git("rev-list", "--max-parents=0", "HEAD"));
    };
    const stride = process.env["WB_TEST_DEPTH"] === "full" ? 1 : 9;
    const deaths = await scene.dieEverywhere(config(target()), { reset, look, stride });
    expect(deaths).toBeGreaterThan(3);
  });

  it("edits a scalar of any style and nothing else", () => {
    expect(withScalars("a: 1 # one\nb:\n  - x\n", { a: "2" })).toBe('a: "2" # one\nb:\n  - x\n');
    expect(withScalars("a: {b: 'x', c: y}\n", { "a.b": "z", "a.c": "w" })).toBe('a: {b: "z", c: "w"}\n');
    expect(withScalars("a: v\n", { a: "v" })).toBe("a: v\n");
    expect(withScalars("a: [1]\n", { a: "2" })).toBeNull();
    expect(withScalars("a: [\n", { a: "2" })).toBeNull();
  });
});
