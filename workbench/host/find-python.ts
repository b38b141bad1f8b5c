import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { runProcess } from "./process.ts";

/** An interpreter that answered: `command` starts it, `version` is like `3.12.4`. */
export interface Interpreter {
  readonly command: string;
  readonly version: string;
}

const CANDIDATES = ["python3.13", "python3.12", "python3.11", "python3", "python"] as const;
const LEAST = [3, 11] as const;
const ASK = 'import sys; print("%d.%d.%d" % sys.version_info[:3])';
const GET =
  "Debian or Ubuntu: apt-get install python3 python3-venv; macOS: brew install python@3.13; or set WORKBENCH_PYTHON=<path of a Python 3.11 or later>";

/** The version an interpreter says it is, or null when it does not answer like one. */
export async function versionOf(command: string, effects: Effects = realEffects): Promise<string | null> {
  const { code, stdout } = await runProcess(command, ["-I", "-c", ASK], {}, effects);
  const version = stdout.trim();
  return code === 0 && /^\d+\.\d+\.\d+$/.test(version) ? version : null;
}

export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
}

/**
 * The first interpreter that is Python 3.11 or later: python3.13 … python3.11, python3, python.
 * None at all is WB_PYTHON_MISSING, only older ones WB_PYTHON_TOO_OLD; both say what to install.
 */
export async function findPython(effects: Effects = realEffects): Promise<Interpreter> {
  const old: string[] = [];
  for (const command of CANDIDATES) {
    const version = await versionOf(command, effects);
    if (version === null) continue;
    if (isNewEnough(version)) return { command, version };
    old.push(`${command} is ${version}`);
  }
  if (old.length > 0)
    throw new WorkbenchError({
      code: "WB_PYTHON_TOO_OLD",
      what: `training needs Python 3.11 or later; ${old.join(", ")}`,
      why: "nothing stands in for a trained adapter: without Python the loop stops here",
      fix: GET,
    });
  throw new WorkbenchError({
    code: "WB_PYTHON_MISSING",
    what: "there is no Python on this machine",
    why: "training runs in Python 3.11 or later; nothing stands in for it",
    fix: GET,
  });
}

/** $WORKBENCH_PYTHON: "use this interpreter as it is", or null when it is not set. */
export async function namedPython(effects: Effects = realEffects): Promise<Interpreter | null> {
  const command = effects.env("WORKBENCH_PYTHON");
  if (command === undefined || command === "") return null;
  const version = await versionOf(command, effects);
  if (version === null)
    throw new WorkbenchError({
      code: "WB_PYTHON_MISSING",
      where: "WORKBENCH_PYTHON",
      what: `${quoted(command)} does not answer like a Python`,
      fix: "name an interpreter, or unset the variable to let the workbench make its own environment",
    });
  if (isNewEnough(version)) return { command, version };
  throw new WorkbenchError({
    code: "WB_PYTHON_TOO_OLD",
    where: "WORKBENCH_PYTHON",
    what: `${quoted(command)} is Python ${version}; training needs 3.11 or later`,
    fix: GET,
  });
}
