// npm run bench <name> [options]: one benchmark, measured beside its peers in the same run. `--write`
// replaces its part of docs/benchmarks.md.
import { readdir } from "node:fs/promises";
import { join } from "node:path";

const folder = join(import.meta.dirname, "bench");
const files = await readdir(folder, { withFileTypes: true });
const names = files.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
const [name] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run bench <${names.join(" | ")}> [-- --help]`);
  process.exit(2);
}
process.argv.splice(2, 1);
await import(join(folder, name, "main.ts"));
