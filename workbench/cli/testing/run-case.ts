import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../main.ts");

/** What a command printed and left behind, its volatile parts replaced. */
export interface Outcome {
  readonly exit: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Of the files that the case expects, the text each has now; null is "not there". */
  readonly files: Readonly<Record<string, string | null>>;
}

/**
 * Runs one case folder in a scratch project made of `cases/_base/` (unless `in/` has a file `no-base`) and
 * the case's `in/`: the lines of `before`, each of which must end as its optional `!<exit>` says, then `args`.
 */
export async function runCase(folder: string): Promise<Outcome> {
  const project = await newFolder();
  const given = await readdir(join(folder, "in")).catch((): string[] => []);
  const before = linesOf(await textOf(join(folder, "before")));
  if (given.length === 0)
    await cp(await prepared(join(folder, "../_base"), before), project, { recursive: true });
  else {
    if (!given.includes("no-base")) await cp(join(folder, "../_base"), project, { recursive: true });
    await cp(join(folder, "in"), project, { recursive: true });
    for (const line of before) await prepare(project, line);
  }
  const ran = await command(project, wordsOf(linesOf(await textOf(join(folder, "args"))).join(" ")));
  const names = await readdir(join(folder, "expect/files"), { recursive: true }).catch(() => []);
  const normal = normaliser(project);
  const files: Record<string, string | null> = {};
  for (const name of names)
    if (await isFile(join(folder, "expect/files", name)))
      files[name] = await readFile(join(project, name), "utf8").then(normal, () => null);
  return { exit: `${ran.exit}\n`, stdout: normal(ran.stdout), stderr: normal(ran.stderr), files };
}

const PREPARED = new Map<string, Promise<string>>();

/** A project in the state after `before`, made once for all cases that begin so; to be copied, never run in. */
function prepared(base: string, before: readonly string[]): Promise<string> {
  const last = before.at(-1);
  if (last === undefined) return Promise.resolve(base);
  const key = before.join("\n");
  const make = async (): Promise<string> => {
    const project = await newFolder();
    await cp(await prepared(base, before.slice(0, -1)), project, { recursive: true });
    await prepare(project, last);
    return project;
  };
  const made = PREPARED.get(key) ?? make();
  PREPARED.set(key, made);
  return made;
}

const MADE: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "wb-case-")));
  MADE.push(folder);
  return folder;
}

export async function removeFolders(): Promise<void> {
  for (const folder of MADE.splice(0)) await rm(folder, { recursive: true, force: true });
}

const textOf = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
const isFile = (path: string): Promise<boolean> =>
  readFile(path).then(
    () => true,
    () => false,
  );
const linesOf = (text: string): readonly string[] =>
  text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));

/** Words as a shell would split them, quotes and all, but no shell is asked. */
export function wordsOf(line: string): readonly string[] {
  const parts = line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return parts.map((part) =>
    part.replace(/"([^"]*)"|'([^']*)'/g, (_, a?: string, b?: string) => a ?? b ?? ""),
  );
}

async function prepare(project: string, line: string): Promise<void> {
  const wanted = /^!(\d+) /.exec(line)?.[1] ?? "0";
  const words = wordsOf(line.replace(/^!\d+ /, ""));
  if (words[0] === "flip") return flip(project, words[1] ?? "");
  const { exit, stderr } = await command(project, words);
  if (String(exit) !== wanted)
    throw new Error(`before: "${line}" ended in ${exit}, not ${wanted}:\n${stderr}`);
}

/** Changes one byte in the middle of the only file whose path fits the pattern. */
async function flip(project: string, pattern: string): Promise<void> {
  const fits = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`);
  const [name, second] = (await readdir(project, { recursive: true })).filter((path) => fits.test(path));
  if (name === undefined || second !== undefined)
    throw new Error(`before: not exactly one file is ${pattern}`);
  const bytes = await readFile(join(project, name));
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(join(project, name), bytes);
}

interface Ran {
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function command(project: string, words: readonly string[]): Promise<Ran> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [MAIN, ...words], {
      cwd: project,
      env: ENV,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const text = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (part: string) => (text[name] += part));
    child.once("error", failed);
    child.once("close", (code, signal) => {
      done({ exit: code ?? String(signal), ...text });
    });
  });
}

/** Nothing of the person's own environment may change what a case prints. */
const ENV = {
  PATH: process.env["PATH"],
  HOME: "/nonexistent",
  WORKBENCH_KEY: "0".repeat(64),
  WORKBENCH_ACTOR: "case",
  TZ: "UTC",
};

/** Replaces what differs from run to run; a hash becomes <hash1>, <hash2>, …, so that equal ones stay equal. */
export function normaliser(project: string): (text: string) => string {
  const hashes = new Map<string, string>();
  const hash = (found: string): string => {
    const key = found.slice(0, 12);
    hashes.set(key, hashes.get(key) ?? `<hash${hashes.size + 1}>`);
    return hashes.get(key) ?? "";
  };
  return (text) =>
    text
      .replaceAll(project, "<project>")
      .replace(/\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{12})\b/g, hash)
      .replace(/\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d\.\d+| \d\d:\d\d)Z/g, "<time>")
      // A file that names this machine or a time has another length elsewhere.
      .replace(/"bytes": \d+/g, '"bytes": <bytes>')
      .replace(/"node": "v[\d.]+"/g, '"node": <node>')
      .replace(/\bprocess \d+ on \S+/g, "process <pid> on <host>")
      .replace(/\b\d+\.\d+ s\b/g, "<seconds> s");
}
