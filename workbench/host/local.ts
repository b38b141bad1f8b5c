import { join, resolve } from "node:path";
import { z } from "zod";
import { WorkbenchError } from "../errors/error.ts";
import { canonical } from "../schema/canonical.ts";
import type { LocalHost } from "../schema/hosts.ts";
import { FileRef, ShortId } from "../schema/names.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { verifyFiles } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { resolveInside } from "../store/paths.ts";
import { jobState } from "./agent.ts";
import type { EventPiece, Host, JobState, TrainJob } from "./host.ts";
import { unsupportedByTrainer } from "./host.ts";
import { runProcess } from "./process.ts";
import { ensurePython, lookingPython } from "./python-env.ts";
import { threadEnvironment } from "./trainer.ts";
import { SCRIPTS } from "./trainer-package.ts";

const AGENT = resolve(import.meta.dirname, "agent.py");
const LARGEST_PIECE = 1 << 20;

/** `artifacts.json`: exactly what may be pulled. */
const Artifacts = z.looseObject({
  schema: z.literal("workbench/artifacts@1"),
  files: z.array(FileRef).max(10_000),
});

/**
 * This machine. The trainer is a process of its own session in `.workbench/hosts/local/<run>/`: it
 * outlives us, and the next `launch` adopts it. `agent.py` decides under a lock that the trainer
 * inherits, so one run is never trained twice at once.
 */
export function localHost(
  { project, name, entry, onNote }: LocalSettings,
  effects: Effects = realEffects,
): Host {
  const folderOf = (runId: string): string => join(project.private, "hosts", "local", ShortId.parse(runId));
  const environment = once(() => ensurePython(project, onNote, effects));
  // Looking after a run needs any Python; only launching one may make the environment.
  const anyPython = once(() => lookingPython(project, effects));
  const ask = async (request: object): Promise<JobState> => {
    const python = await anyPython();
    const { stdout, stderr } = await runProcess(
      python,
      ["-I", AGENT],
      { stdin: canonical(request) },
      effects,
    );
    return jobState(stdout, stderr, name);
  };
  const launch = async (job: TrainJob): Promise<JobState> =>
    ask({
      command: "launch",
      python: (await environment()).python,
      folder: folderOf(job.runId),
      scripts: SCRIPTS,
      env: threadEnvironment(entry.threads),
      trainer: trainRequest(job, folderOf(job.runId), entry.threads),
    });
  return {
    name,
    kind: "local",
    threads: entry.threads,
    usdPerHour: entry.usdPerHour ?? null,
    supports: unsupportedByTrainer,
    packages: async () => (await environment()).packages,
    launch,
    poll: async (runId) => ask({ command: "status", folder: folderOf(runId) }),
    stop: async (runId, graceS) => ask({ command: "stop", folder: folderOf(runId), graceS }),
    events: (runId, fromByte) => wholeLines(join(folderOf(runId), "metrics.jsonl"), fromByte, effects),
    lastWords: async (runId) => ({
      answer: await textOf(join(folderOf(runId), "answer.json"), effects),
      log: await textOf(join(folderOf(runId), "log"), effects),
    }),
    pull: (runId, folder) => pull(folderOf(runId), folder, effects),
  };
}

interface LocalSettings {
  readonly project: Project;
  readonly name: string;
  readonly entry: LocalHost;
  readonly onNote?: (text: string) => void;
}

/** The trainer's request; docs/design/003. */
export function trainRequest(job: TrainJob, out: string, threads: number): object {
  return {
    schema: "workbench/trainer-request@1",
    command: "train",
    lock: job.lock,
    base: job.base,
    start: job.start,
    data: { train: job.train, val: job.eval },
    out,
    threads,
    maxSteps: null,
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}

async function textOf(path: string, effects: Effects): Promise<string> {
  const info = await effects.stat(path);
  if (!info) return "";
  const chunks = [];
  for await (const chunk of effects.stream(path, { start: Math.max(0, info.size - LARGEST_PIECE) }))
    chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** The whole lines of a growing file from `fromByte` on, at most 1 MiB of them. */
async function wholeLines(path: string, fromByte: number, effects: Effects): Promise<EventPiece> {
  const size = (await effects.stat(path))?.size ?? 0;
  if (size <= fromByte) return { text: "", nextByte: fromByte };
  const chunks = [];
  const range = { start: fromByte, end: Math.min(size, fromByte + LARGEST_PIECE) };
  for await (const chunk of effects.stream(path, range)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const end = bytes.lastIndexOf(0x0a) + 1;
  return { text: bytes.subarray(0, end).toString("utf8"), nextByte: fromByte + end };
}

/** On this machine a file is fetched by a hard link: a finished trainer writes no more. */
async function pull(from: string, to: string, effects: Effects): Promise<readonly FileRef[]> {
  const json: unknown = JSON.parse(await textOf(join(from, "artifacts.json"), effects));
  const parsed = Artifacts.safeParse(json);
  if (!parsed.success)
    throw new WorkbenchError({
      code: "WB_INTEGRITY",
      where: join(from, "artifacts.json"),
      what: "the list of artifacts is not one",
      fix: "move the folder away and run the same command again",
    });
  const { files } = parsed.data;
  await verifyFiles(from, files, effects);
  for (const file of files) {
    const [source, target] = [
      await resolveInside(from, [file.path], effects),
      await resolveInside(to, [file.path], effects),
    ];
    await effects.mkdir(join(target, ".."));
    await effects.remove(target);
    await effects.link(source, target).catch(async () => effects.write(target, await effects.read(source)));
  }
  await verifyFiles(to, files, effects);
  return files;
}
