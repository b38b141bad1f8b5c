import type { ErrorCode, ExitCode } from "./codes.ts";
import { EXIT_OF } from "./codes.ts";
import { WorkbenchError } from "./error.ts";
import { printable } from "./printable.ts";

/** The object that `--json` prints for an error. */
export interface ErrorReport {
  readonly error: {
    readonly code: ErrorCode;
    readonly exit: ExitCode;
    readonly what: string;
    readonly where?: string;
    readonly why?: string;
    readonly fix?: string;
    readonly docs: string;
  };
}

/** Turns anything thrown into a WorkbenchError: system errors get their code, the rest is our bug. */
export function asWorkbenchError(thrown: unknown): WorkbenchError {
  if (thrown instanceof WorkbenchError) return thrown;
  const system = thrown as { code?: unknown; path?: unknown; message?: unknown };
  const where = typeof system.path === "string" ? system.path : undefined;
  const message = typeof system.message === "string" ? system.message : String(thrown);
  const known = SYSTEM[String(system.code)];
  return new WorkbenchError({
    ...(known ?? {
      code: "WB_BUG",
      what: message,
      why: "this is not an error we foresaw",
      fix: "run the command again with --debug and report what it prints",
    }),
    ...(where === undefined ? {} : { where }),
    cause: thrown,
  });
}

const SYSTEM: Readonly<
  Record<
    string,
    { readonly code: ErrorCode; readonly what: string; readonly why?: string; readonly fix: string }
  >
> = {
  ENOENT: { code: "WB_FILE_MISSING", what: "there is no such file or folder", fix: "check the path" },
  EACCES: {
    code: "WB_FILE_UNREADABLE",
    what: "permission denied",
    fix: "check who owns it and what you may do with it",
  },
  EPERM: {
    code: "WB_FILE_UNREADABLE",
    what: "this is not permitted",
    fix: "check who owns it, and whether the file system can do this",
  },
  EROFS: {
    code: "WB_IO",
    what: "the file system is read-only",
    fix: "work in a folder that can be written",
  },
  ENOTDIR: {
    code: "WB_FILE_MISSING",
    what: "a part of this path is a file, not a folder",
    fix: "check the path",
  },
  EISDIR: { code: "WB_FILE_UNREADABLE", what: "this is a folder, not a file", fix: "name a file in it" },
  ENOSPC: {
    code: "WB_DISK_FULL",
    what: "the disk is full",
    why: "nothing that was stored before is lost",
    fix: "free some space and run the same command again",
  },
  EDQUOT: {
    code: "WB_DISK_FULL",
    what: "the disk quota is used up",
    why: "nothing that was stored before is lost",
    fix: "free some space and run the same command again",
  },
  EIO: { code: "WB_IO", what: "the disk reported an error", fix: "run the same command again" },
};

/** The four-part text of an error, printable. `paint` may colour the first word; it defaults to none. */
export function renderError(error: WorkbenchError, paint: (text: string) => string = (text) => text): string {
  const lines = [`${error.where === undefined ? "" : `${error.where}  `}${error.what}`];
  if (error.why !== undefined) lines.push(`  why  ${error.why}`);
  if (error.fix !== undefined) lines.push(`  fix  ${error.fix}`);
  lines.push(`  ${error.code} · ${docsOf(error.code)}`);
  return `${paint("error:")} ${printable(lines.join("\n"))}`;
}

export function reportError(error: WorkbenchError): ErrorReport {
  return {
    error: {
      code: error.code,
      exit: EXIT_OF[error.code],
      what: error.what,
      ...(error.where === undefined ? {} : { where: error.where }),
      ...(error.why === undefined ? {} : { why: error.why }),
      ...(error.fix === undefined ? {} : { fix: error.fix }),
      docs: docsOf(error.code),
    },
  };
}

function docsOf(code: ErrorCode): string {
  return `docs/errors.md#${code.toLowerCase()}`;
}
