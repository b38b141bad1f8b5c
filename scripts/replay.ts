// node scripts/replay.ts 22.23.3 26.9.0: computes every decision of this project again under other versions of Node, which
// it fetches as npm packages into .workbench/nodes. A record that differs by one bit is a failure.
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { $ } from "zx";

$.quiet = true;
const root = resolve(import.meta.dirname, "..");
const versions = process.argv.slice(2);
if (versions.length === 0 || !versions.every((version) => /^\d+\.\d+\.\d+$/.test(version))) {
  console.error("usage: node scripts/replay.ts <version of Node>…   for example 22.23.3 26.9.0");
  process.exit(2);
}

const runs = await readdir(join(root, "runs"));
const decisions = runs.filter((run) => existsSync(join(root, "runs", run, "policy.json")));
let different = 0;
for (const node of [process.execPath, ...(await Promise.all(versions.map(fetched)))]) {
  const { stdout: version } = await $`${node} --version`;
  let equal = 0;
  for (const id of decisions) {
    const { exitCode, stderr } = await $({
      nothrow: true,
    })`${node} ${join(root, "workbench/cli/main.ts")} verify ${id}`;
    if (exitCode === 0) equal++;
    else console.log(`runs/${id} under ${version.trim()}:\n${stderr}`);
  }
  different += decisions.length - equal;
  console.log(`Node ${version.trim()}: ${equal} of ${decisions.length} decisions bit-equal`);
}
process.exitCode = different === 0 ? 0 : 1;

/** The executable of one version for this machine. */
async function fetched(version: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(root, ".workbench", "nodes", version);
  const node = join(folder, "package", "bin", "node");
  if (existsSync(node)) return node;
  await mkdir(folder, { recursive: true });
  const { stdout } = await $({ cwd: folder })`npm pack ${`${name}@${version}`} --silent`;
  await $({ cwd: folder })`tar -xzf ${stdout.trim()}`;
  return node;
}
