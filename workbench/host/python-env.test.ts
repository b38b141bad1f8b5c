import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { projectAt } from "../store/paths.ts";
import { findPython, isNewEnough, namedPython } from "./find-python.ts";
import { ensurePython, environmentFolder } from "./python-env.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "workbench-python-"))));
afterEach(async () => rm(folder, { recursive: true, force: true }));

/** An interpreter that says it is of a version, by that name, in the test's folder. */
async function fake(name: string, version: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\necho ${version}\n`);
  await chmod(path, 0o755);
  return path;
}

/** A machine whose PATH is the test's folder alone. */
function machine(env: Readonly<Record<string, string>> = {}): Effects {
  return {
    ...realEffects,
    env: (name) => env[name],
    spawn: (command, args, options) =>
      realEffects.spawn(command.includes("/") ? command : join(folder, command), args, options),
  };
}

describe("finding Python", () => {
  test.each([
    ["3.11.0", true],
    ["3.13.9", true],
    ["4.0.0", true],
    ["3.10.14", false],
    ["2.7.18", false],
  ])("%s is new enough: %s", (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });

  test("none at all", async () => {
    await expect(findPython(machine())).rejects.toMatchObject({
      code: "WB_PYTHON_MISSING",
      exitCode: 2,
      fix: expect.stringContaining("apt-get install python3") as string,
    });
  });

  test("only an old one", async () => {
    await fake("python3", "3.9.2");
    await expect(findPython(machine())).rejects.toMatchObject({
      code: "WB_PYTHON_TOO_OLD",
      what: expect.stringContaining("python3 is 3.9.2") as string,
      fix: expect.stringContaining("brew install python") as string,
    });
  });

  test("a newer one beside an old one, and a broken one before both", async () => {
    await fake("python3.13", "command not found");
    await fake("python3.12", "3.12.4");
    await fake("python3", "3.9.2");
    expect(await findPython(machine())).toEqual({ command: "python3.12", version: "3.12.4" });
  });

  test("WORKBENCH_PYTHON is taken as it is, and refused when it is old, absent or without packages", async () => {
    const old = await fake("old", "3.8.1");
    await expect(namedPython(machine({ WORKBENCH_PYTHON: old }))).rejects.toMatchObject({
      code: "WB_PYTHON_TOO_OLD",
    });
    const gone = machine({ WORKBENCH_PYTHON: join(folder, "gone") });
    await expect(namedPython(gone)).rejects.toMatchObject({ code: "WB_PYTHON_MISSING" });
    expect(await namedPython(machine())).toBeNull();
    const bare = join(folder, "bare");
    await writeFile(bare, '#!/bin/sh\ncase "$3" in *version_info*) echo 3.12.1;; *) echo "[]";; esac\n');
    await chmod(bare, 0o755);
    const project = projectAt(folder);
    await expect(ensurePython(project, undefined, machine({ WORKBENCH_PYTHON: bare }))).rejects.toMatchObject(
      {
        code: "WB_PYTHON_ENV",
        what: expect.stringContaining("has no torch") as string,
      },
    );
  });
});

describe("the locked environment", () => {
  test("a folder without ready.json is removed and made again; a failing step is WB_PYTHON_ENV", async () => {
    const project = projectAt(folder);
    const at = await environmentFolder(project);
    await mkdir(join(at, "lib"), { recursive: true });
    const broken = join(folder, "python3.12");
    // Answers its version, but cannot make a virtual environment.
    await writeFile(
      broken,
      '#!/bin/sh\nif [ "$2" = "venv" ]; then echo no ensurepip >&2; exit 1; fi\necho 3.12.4\n',
    );
    await chmod(broken, 0o755);
    const notes: string[] = [];
    const run = ensurePython(project, (note) => void notes.push(note), machine());
    await expect(run).rejects.toMatchObject({
      code: "WB_PYTHON_ENV",
      why: expect.stringContaining("no ensurepip") as string,
      fix: expect.stringContaining("python3-venv") as string,
    });
    expect(notes[0]).toMatch(/making a Python 3\.12\.4 environment/);
    expect(await realEffects.stat(join(at, "lib"))).toBeNull();
  });
});
