import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { sha256 } from "../schema/canonical.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** What a test may need beyond the npm packages, how it is found, and how to get it. */
const NEEDS = {
  /** The interpreter of the locked environment (or $WORKBENCH_PYTHON). */
  python: { find: findPython, get: "run `workbench python ensure` once, or set WORKBENCH_PYTHON" },
  /** A Chromium or Chrome that playwright-core can drive. */
  chromium: { find: findChromium, get: "apt-get install chromium, or set WORKBENCH_CHROMIUM" },
  /** The folder with tau-bench, gsm8k and alpaca-eval recordings. */
  "real-data": {
    find: findRealData,
    get: "put the recordings at ../shared/data, or set WORKBENCH_REAL_DATA",
  },
  /** OpenSSH's server, for the loopback host. */
  sshd: { find: () => onPath("sshd", ["/usr/sbin"]), get: "apt-get install openssh-server" },
  /** A namespace without a network, to build the reports in. */
  unshare: { find: findUnshare, get: "use Linux with user namespaces allowed" },
  /** The folder of PostgreSQL's server programs. */
  postgres: { find: findPostgres, get: "apt-get install postgresql" },
  rsync: { find: () => onPath("rsync"), get: "apt-get install rsync" },
} as const satisfies Record<string, { find: () => string | null; get: string }>;

export type Need = keyof typeof NEEDS;

/**
 * The path of something a test needs, or null when it is not on this machine: then the reason is
 * printed and the test skips. With WB_REQUIRE_ALL=1 (CI) a missing need throws instead, so that
 * nothing is ever skipped there.
 *
 * `const python = requires("python"); describe.skipIf(python === null)("training", () => { … });`
 */
export function requires(need: Need): string | null {
  const { find, get } = NEEDS[need];
  const found = find();
  if (found !== null) return found;
  const reason = `${need} is not on this machine: ${get}`;
  if (process.env["WB_REQUIRE_ALL"] === "1") throw new Error(`WB_REQUIRE_ALL=1, but ${reason}`);
  process.stderr.write(`skipped: ${reason}\n`);
  return null;
}

function findPython(): string | null {
  const named = process.env["WORKBENCH_PYTHON"];
  if (named !== undefined && named !== "") return existsSync(named) ? named : null;
  const locks = ["torch.lock", "requirements.lock"].map((name) => join(ROOT, "scripts/trainer", name));
  if (!locks.every((path) => existsSync(path))) return null;
  // The same digest that workbench/host/python-env.ts names the environment's folder by.
  const digest = sha256(locks.map((path) => sha256(readFileSync(path))).join("\n"));
  const folder = join(ROOT, ".workbench/python", digest.slice(0, 12));
  if (!existsSync(join(folder, "ready.json"))) return null;
  const { venv } = JSON.parse(readFileSync(join(folder, "ready.json"), "utf8")) as { venv?: string };
  return venv === undefined ? null : join(folder, venv, "bin/python");
}

/** Debian keeps one folder a version and puts none of them on the path. */
function findPostgres(): string | null {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((version) => join(root, version, "bin"));
  const found = onPath("initdb", folders);
  return found === null ? null : dirname(found);
}

function findUnshare(): string | null {
  const path = onPath("unshare");
  return path !== null && spawnSync(path, ["-rn", "true"]).status === 0 ? path : null;
}

function findChromium(): string | null {
  const named = process.env["WORKBENCH_CHROMIUM"];
  if (named !== undefined && named !== "") return existsSync(named) ? named : null;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
  return names.map((name) => onPath(name)).find((path) => path !== null) ?? (existsSync(mac) ? mac : null);
}

function findRealData(): string | null {
  const folder = process.env["WORKBENCH_REAL_DATA"] ?? resolve(ROOT, "../shared/data");
  return existsSync(folder) ? folder : null;
}

function onPath(name: string, also: readonly string[] = []): string | null {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...also];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}
