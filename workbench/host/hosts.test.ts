import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { projectAt } from "../store/paths.ts";
import { hostNamed, readHosts } from "./hosts.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "workbench-hosts-"));
  await mkdir(join(folder, "recipes"));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const write = async (hosts: string): Promise<void> =>
  writeFile(join(folder, "recipes/hosts.yaml"), `schema: workbench/hosts@1\nhosts:\n${hosts}`);

test("without a file there is this machine, one thread", async () => {
  expect((await readHosts(projectAt(folder))).hosts).toEqual({ local: { kind: "local", threads: 1 } });
});

test.each(["ssh", "slurm", "skypilot", "kubernetes", "tinker", "openai-compatible"])(
  "a host of kind %s is refused by name, not imitated",
  async (kind) => {
    await write(`  local: { kind: local }\n  far: { kind: ${kind}, alias: x }\n`);
    await expect(hostNamed({ project: projectAt(folder), name: "far" })).rejects.toMatchObject({
      code: "WB_RECIPE_UNSUPPORTED",
      exitCode: 2,
      where: "recipes/hosts.yaml:4",
    });
  },
);

test.each([
  ["an unknown key", "  local: { kind: local, thread: 2 }\n"],
  ["a host name that is an option", "  -o: { kind: local }\n"],
  ["no threads", "  local: { kind: local, threads: 0 }\n"],
  ["a credential", "  local: { kind: local, key: hunter2 }\n"],
])("%s is WB_HOST_INVALID", async (_name, hosts) => {
  await write(hosts);
  await expect(readHosts(projectAt(folder))).rejects.toMatchObject({ code: "WB_HOST_INVALID", exitCode: 2 });
});

test.each(["gpu", "__proto__", "constructor", "../x"])("host %s is not there", async (name) => {
  await write("  local: { kind: local }\n");
  await expect(hostNamed({ project: projectAt(folder), name })).rejects.toMatchObject({
    code: "WB_HOST_INVALID",
  });
});
