import { spawn as spawnChild } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  createReadStream,
  lstatSync,
  openSync,
  readSync,
  statSync,
  watch as watchFiles,
} from "node:fs";
import * as fs from "node:fs/promises";
import { dirname } from "node:path";
import type { Duplex, Readable, Writable } from "node:stream";

/** A child process as the workbench sees one. */
export interface Child {
  readonly pid: number | undefined;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** File descriptors 3, 4, … of the child, as many as were asked for. */
  readonly pipes: readonly Duplex[];
  /** Resolves when the process has ended; `code` is null after a signal. Never rejects but for a failed start. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly kill: (signal?: NodeJS.Signals) => void;
}

export interface SpawnOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A process group of its own, so that it can outlive us or be killed whole. */
  readonly detached?: boolean;
  /** How many more pipes the child gets, from file descriptor 3 on. */
  readonly pipes?: number;
}

export interface FileInfo {
  readonly size: number;
  readonly mtimeMs: number;
  /** Tells a file from another one that has its name now. */
  readonly inode: number;
  readonly isDirectory: boolean;
  readonly isFile: boolean;
}

/**
 * Everything the product does to the world. Verbs take it as their last argument with `realEffects`
 * as its default; tests pass one that fails at a chosen call. Paths are absolute or relative to the
 * working directory; errors are Node's own system errors.
 */
export interface Effects {
  readonly read: (path: string) => Promise<Uint8Array>;
  /**
   * The bytes of a file from `start` (inclusive) to `end` (exclusive, default: its end), in pieces of at
   * most `pieceBytes` (default: a megabyte).
   */
  readonly stream: (
    path: string,
    range?: { readonly start?: number; readonly end?: number; readonly pieceBytes?: number },
  ) => AsyncIterable<Uint8Array>;
  /** Some bytes of a file from `offset` on; fewer where it ends before. For small pieces out of order. */
  readonly readAt: (path: string, offset: number, bytes: number) => Promise<Uint8Array>;
  /** Creates or truncates a file. Durable only after `fsync`. */
  readonly write: (
    path: string,
    data: string | Uint8Array,
    options?: { readonly mode?: number },
  ) => Promise<void>;
  /** Appends in one call; durable only after `fsync`. */
  readonly append: (path: string, data: string | Uint8Array) => Promise<void>;
  readonly truncate: (path: string, length: number) => Promise<void>;
  readonly rename: (from: string, to: string) => Promise<void>;
  /** Hard link; fails with EEXIST when `to` is there, which is what makes a lock. */
  readonly link: (from: string, to: string) => Promise<void>;
  /** Flushes a file or folder to the disk. */
  readonly fsync: (path: string) => Promise<void>;
  readonly mkdir: (path: string) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  /** Names in a folder, sorted; empty when the folder is not there. */
  readonly list: (path: string) => Promise<readonly string[]>;
  /** Null when there is nothing at `path`. Follows no links. */
  readonly stat: (path: string) => Promise<FileInfo | null>;
  readonly realpath: (path: string) => Promise<string>;
  /**
   * Calls back when something below a folder may have changed, until the returned function is called. A
   * hint only: where the system cannot watch, nothing is ever called.
   */
  readonly watchFolder: (path: string, onChange: () => void) => () => void;
  readonly setTimes: (path: string, at: Date) => Promise<void>;
  /** argv only, never a shell. */
  readonly spawn: (command: string, args: readonly string[], options?: SpawnOptions) => Child;
  /** Signals a process; false when it is not there. Signal 0 asks whether it lives. */
  readonly kill: (pid: number, signal: NodeJS.Signals | 0) => boolean;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => Date;
  /** Milliseconds on a clock that never steps. */
  readonly monotonicMs: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly sleep: (ms: number) => Promise<void>;
  readonly env: (name: string) => string | undefined;
}

const PIECE_BYTES = 1 << 20;

/** How much to read at once: of a small file no more than there is, or each of a thousand would take a MiB. */
function pieceBytes(path: string, { start = 0, end }: { start?: number; end?: number } = {}): number {
  const bytes = (end ?? statSync(path, { throwIfNoEntry: false })?.size ?? PIECE_BYTES) - start;
  // What is no file has no size; what grows meanwhile comes in more pieces.
  return bytes > 0 && bytes < PIECE_BYTES ? Math.max(bytes, 1 << 12) : PIECE_BYTES;
}

function readSomeAt(path: string, offset: number, bytes: number): Uint8Array {
  const into = Buffer.allocUnsafe(bytes);
  const file = openSync(path, "r");
  try {
    let read = 0;
    while (read < bytes) {
      const more = readSync(file, into, read, bytes - read, offset + read);
      if (more === 0) break;
      read += more;
    }
    return into.subarray(0, read);
  } finally {
    closeSync(file);
  }
}

export const realEffects: Effects = {
  read: (path) => fs.readFile(path),
  stream: (path, range) =>
    createReadStream(path, {
      highWaterMark: Math.min(pieceBytes(path, range), range?.pieceBytes ?? PIECE_BYTES),
      ...(range?.start === undefined ? {} : { start: range.start }),
      ...(range?.end === undefined ? {} : { end: range.end - 1 }),
    }),
  // Synchronous: 7 µs out of the page cache, where a stream of the same bytes takes 80.
  readAt: async (path, offset, bytes) => readSomeAt(path, offset, bytes),
  write: (path, data, options) => fs.writeFile(path, data, options ?? {}),
  // Synchronous below: 8 µs into the page cache, where handing open, write and close to threads takes 75.
  append: async (path, data) => appendFileSync(path, data),
  truncate: (path, length) => fs.truncate(path, length),
  rename: (from, to) => fs.rename(from, to),
  link: (from, to) => fs.link(from, to),
  fsync: async (path) => {
    const handle = await fs.open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  mkdir: async (path) => {
    await fs.mkdir(path, { recursive: true });
  },
  remove: (path) => fs.rm(path, { recursive: true, force: true }),
  list: async (path) => {
    try {
      return (await fs.readdir(path)).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  },
  // A store of thousands of imports, or a folder of as many logs, is asked for each: 4 µs, on a thread 40.
  stat: async (path) => {
    try {
      const info = lstatSync(path, { throwIfNoEntry: false });
      if (info === undefined) return null;
      const { size, mtimeMs, ino: inode } = info;
      return { size, mtimeMs, inode, isDirectory: info.isDirectory(), isFile: info.isFile() };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return null;
      throw error;
    }
  },
  realpath: (path) => fs.realpath(path),
  watchFolder: (path, onChange) => {
    try {
      const watcher = watchFiles(path, { recursive: true }, onChange);
      watcher.on("error", () => undefined);
      return () => watcher.close();
    } catch {
      return () => undefined;
    }
  },
  setTimes: (path, at) => fs.utimes(path, at, at),
  spawn: startChild,
  kill: (pid, signal) => {
    try {
      process.kill(pid, signal);
      return true;
    } catch (error) {
      // EPERM: it lives, but is not ours.
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  },
  fetch: (...args) => globalThis.fetch(...args),
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  random: (bytes) => randomBytes(bytes),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  env: (name) => process.env[name],
};

function startChild(command: string, args: readonly string[], options: SpawnOptions = {}): Child {
  const child = spawnChild(command, [...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    detached: options.detached ?? false,
    stdio: ["pipe", "pipe", "pipe", ...Array.from({ length: options.pipes ?? 0 }, () => "pipe" as const)],
  });
  const pipes = child.stdio.slice(3) as unknown as readonly Duplex[];
  // A child that ends before it has read its input is reported by `ended`, not by an unhandled EPIPE.
  for (const stream of [child.stdin, ...pipes]) stream.on("error", () => undefined);
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  return {
    pid: child.pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    pipes,
    ended,
    kill: (signal = "SIGTERM") => void child.kill(signal),
  };
}

/** The folder that holds `path`. */
export function folderOf(path: string): string {
  return dirname(path);
}
