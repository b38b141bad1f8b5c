import { spawnSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { requires } from "../testing/requires.ts";
import { fixtureProject } from "./testing/fixture.ts";

const unshare = requires("unshare");
const MAIN = resolve(import.meta.dirname, "../cli/main.ts");

test.skipIf(unshare === null)(
  "the site is built in a namespace that has no network at all, with a cold cache",
  async () => {
    const project = await fixtureProject();
    await writeFile(project.config, "schema: workbench/config@1\nproject: fixture\n");
    await rm(join(project.reports, ".observablehq"), { recursive: true, force: true });
    const inNamespace = (command: string, ...args: readonly string[]): ReturnType<typeof spawnSync> =>
      spawnSync(unshare ?? "", ["-rn", command, ...args], { cwd: project.root, encoding: "utf8" });

    // That there is no network is part of the test: not even the loopback interface is up.
    expect(inNamespace("cat", "/proc/net/route").stdout.toString().trim().split("\n")).toHaveLength(1);
    const built = inNamespace(process.execPath, MAIN, "report", "build", "--json");
    expect(built.stderr).toBe("");
    expect(built.status).toBe(0);
    expect(JSON.parse(built.stdout.toString())).toMatchObject({
      decisions: 4,
      unreadable: [],
      check: { faults: [], stale: [] },
    });
  },
);
