/**
 * Runs the trainer's own tests (pytest) in the locked Python environment, which it makes if it is not
 * there: `node scripts/trainer-tests.ts [results.xml]`.
 */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { WorkbenchError } from "../workbench/errors/error.ts";
import { renderError } from "../workbench/errors/render.ts";
import { ensurePython } from "../workbench/host/python-env.ts";
import { projectAt } from "../workbench/store/paths.ts";

const root = resolve(import.meta.dirname, "..");
const results = process.argv[2];

try {
  const { python } = await ensurePython(projectAt(root), (note) => console.log(note));
  const dev = join(root, "scripts", "trainer", "requirements-dev.lock");
  const run = (args: readonly string[]): number =>
    spawnSync(python, args, {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, PYTHONPATH: join(root, "scripts") },
    }).status ?? 1;
  if (spawnSync(python, ["-c", "import pytest"]).status !== 0)
    run([
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      "--require-hashes",
      "--no-deps",
      "-r",
      dev,
    ]);
  const report = results === undefined ? [] : [`--junitxml=${results}`];
  process.exitCode = run([
    "-m",
    "pytest",
    "-q",
    "-p",
    "no:cacheprovider",
    ...report,
    join("scripts", "trainer", "tests"),
  ]);
} catch (error) {
  if (!(error instanceof WorkbenchError)) throw error;
  // Without Python the rest of the tests is still worth running; in CI nothing may be missing.
  console.log(`skipped: the trainer's tests\n${renderError(error)}`);
  process.exitCode = process.env["WB_REQUIRE_ALL"] === "1" ? 1 : 0;
}
