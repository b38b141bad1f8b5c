import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { jsonText, replaceFile } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { withLock } from "../store/lock.ts";
import type { Project } from "../store/paths.ts";
import type { Interpreter } from "./find-python.ts";
import { findPython, namedPython } from "./find-python.ts";
import { runProcess, tail } from "./process.ts";
import { environmentSha256, LOCKS } from "./trainer-package.ts";

/** The Python that training runs in, and what is really installed there. */
export interface PythonEnvironment {
  readonly python: string;
  readonly version: string;
  /** `name==version`, sorted: the realised packages, for a run's manifest. */
  readonly packages: readonly string[];
  /** locked: made from our pins. named: $WORKBENCH_PYTHON, used as it is. */
  readonly source: "locked" | "named";
}

/** Packages without which the trainer does not start. */
const NEEDED = ["torch", "transformers", "peft", "tokenizers", "safetensors"];
const LIST =
  "import importlib.metadata as m, json; print(json.dumps(sorted({'%s==%s' % (d.metadata['Name'].lower().replace('_', '-'), d.version) for d in m.distributions()})))";

/** The folder of the locked environment: named by its pins, so that other pins are another folder. */
export async function environmentFolder(project: Project, effects: Effects = realEffects): Promise<string> {
  return join(project.private, "python", (await environmentSha256(effects)).slice(0, 12));
}

/**
 * The environment to train in, made if it is not there: `$WORKBENCH_PYTHON` as it is, or a venv under
 * `.workbench/python/` with exactly the pinned packages. `ready.json` is written last; a folder
 * without it is an interrupted build and is made again. `onNote` says what is being done.
 */
export async function ensurePython(
  project: Project,
  onNote: (text: string) => void = () => undefined,
  effects: Effects = realEffects,
): Promise<PythonEnvironment> {
  const named = await namedPython(effects);
  if (named) return { ...(await inspected(named, effects)), source: "named" };
  const folder = await environmentFolder(project, effects);
  const ready = await readReady(folder, effects);
  if (ready) return ready;
  return withLock(
    `${folder}.lock`,
    "making the Python environment",
    async () => (await readReady(folder, effects)) ?? (await build(folder, onNote, effects)),
    effects,
  );
}

/** An interpreter for the agent, which needs no package: whatever is there, nothing is built. */
export async function lookingPython(project: Project, effects: Effects = realEffects): Promise<string> {
  const named = await namedPython(effects);
  if (named) return named.command;
  const ready = await readReady(await environmentFolder(project, effects), effects);
  return ready?.python ?? (await findPython(effects)).command;
}

async function readReady(folder: string, effects: Effects): Promise<PythonEnvironment | null> {
  const path = join(folder, "ready.json");
  if (!(await effects.stat(path))) return null;
  const ready = JSON.parse(Buffer.from(await effects.read(path)).toString("utf8")) as Record<string, unknown>;
  const python = join(folder, String(ready["venv"]), "bin", "python");
  // The base interpreter may have been removed or upgraded since: then the venv is a dangling link.
  if (!(await effects.stat(python)) || (await runProcess(python, ["-I", "-c", ""], {}, effects)).code !== 0)
    return null;
  return {
    python,
    version: String(ready["version"]),
    packages: (ready["packages"] as readonly string[] | undefined) ?? [],
    source: "locked",
  };
}

async function build(
  folder: string,
  onNote: (text: string) => void,
  effects: Effects,
): Promise<PythonEnvironment> {
  const base = await findPython(effects);
  onNote(`making a Python ${base.version} environment in ${folder} (once)`);
  await clear(folder, null, effects);
  // A name of its own for each attempt: what an interrupted one left running writes elsewhere.
  const venv = `venv-${Buffer.from(effects.random(4)).toString("hex")}`;
  await step(
    base.command,
    ["-m", "venv", join(folder, venv)],
    { what: "the virtual environment could not be made", fix: VENV_FIX },
    effects,
  );
  const python = join(folder, venv, "bin", "python");
  const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"];
  const failed = { what: "a package could not be installed", fix: PIP_FIX };
  onNote(
    `installing torch (${await pin(LOCKS.torch, effects)}) and what it needs; this is the largest download`,
  );
  await step(python, [...pip, ...torchIndex(effects), "-r", LOCKS.torch], failed, effects);
  onNote("installing the other packages, each checked against its hash");
  await step(python, [...pip, "--require-hashes", "--no-deps", "-r", LOCKS.requirements], failed, effects);
  const made = await inspected({ command: python, version: base.version }, effects);
  await clear(folder, venv, effects);
  const record = { schema: "workbench/python@1", venv, version: base.version, packages: made.packages };
  await replaceFile(join(folder, "ready.json"), jsonText(record), effects);
  onNote("the Python environment is ready");
  return { ...made, source: "locked" };
}

/** Takes earlier attempts away; what still writes into one keeps it until the next time. */
async function clear(folder: string, keep: string | null, effects: Effects): Promise<void> {
  await effects.mkdir(folder);
  const old = (await effects.list(folder)).filter((name) => name !== keep);
  for (const name of old) await effects.remove(join(folder, name)).catch(() => undefined);
}

const VENV_FIX = "Debian or Ubuntu: apt-get install python3-venv; then run the same command again";
const PIP_FIX =
  "check the connection to the package index, then run the same command again: it starts afresh";

async function step(
  command: string,
  args: readonly string[],
  failed: { readonly what: string; readonly fix: string },
  effects: Effects,
): Promise<void> {
  const { code, stderr, stdout } = await runProcess(command, args, {}, effects);
  if (code === 0) return;
  throw new WorkbenchError({
    code: "WB_PYTHON_ENV",
    where: [command, ...args.slice(0, 3)].join(" "),
    what: failed.what,
    why: tail(stderr === "" ? stdout : stderr, 4),
    fix: failed.fix,
  });
}

/**
 * On Linux the default build of torch carries gigabytes of CUDA. Who has no GPU names an index with
 * the CPU build in WORKBENCH_TORCH_INDEX; pip then prefers it.
 */
function torchIndex(effects: Effects): readonly string[] {
  const index = effects.env("WORKBENCH_TORCH_INDEX") ?? "";
  return index === "" ? [] : ["--extra-index-url", index];
}

async function pin(path: string, effects: Effects): Promise<string> {
  const lines = Buffer.from(await effects.read(path))
    .toString("utf8")
    .split("\n");
  return lines.find((line) => /^torch\b/.test(line))?.trim() ?? "torch";
}

/** What is installed; an interpreter without the packages of the trainer is refused. */
async function inspected(
  { command, version }: Interpreter,
  effects: Effects,
): Promise<Omit<PythonEnvironment, "source">> {
  const { code, stdout, stderr } = await runProcess(command, ["-I", "-c", LIST], {}, effects);
  const packages = code === 0 ? (JSON.parse(stdout) as readonly string[]) : [];
  const missing = NEEDED.filter((name) => !packages.some((line) => line.startsWith(`${name}==`)));
  if (missing.length === 0) return { python: command, version, packages };
  throw new WorkbenchError({
    code: "WB_PYTHON_ENV",
    where: command,
    what: `this Python has no ${missing.join(", ")}`,
    ...(stderr === "" ? {} : { why: tail(stderr, 2) }),
    fix: "install them there, or unset WORKBENCH_PYTHON to let the workbench make its own environment",
  });
}
