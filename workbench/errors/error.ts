import { EXIT_OF } from "./codes.ts";
import type { ErrorCode, ExitCode } from "./codes.ts";

/** The four parts every error a user meets is made of. */
export interface ErrorParts {
  readonly code: ErrorCode;
  /** What is wrong, in one sentence, with the offending value quoted. */
  readonly what: string;
  /** Where: a file and line, a URL, a flag. */
  readonly where?: string;
  readonly why?: string;
  readonly fix?: string;
  readonly cause?: unknown;
}

/** An error that a user can act on. Anything else that reaches the CLI is our bug (exit 1). */
export class WorkbenchError extends Error {
  override readonly name = "WorkbenchError";
  readonly code: ErrorCode;
  readonly what: string;
  readonly where: string | undefined;
  readonly why: string | undefined;
  readonly fix: string | undefined;

  constructor(parts: ErrorParts) {
    super(parts.where ? `${parts.where}  ${parts.what}` : parts.what, { cause: parts.cause });
    this.code = parts.code;
    this.what = parts.what;
    this.where = parts.where;
    this.why = parts.why;
    this.fix = parts.fix;
  }

  get exitCode(): ExitCode {
    return EXIT_OF[this.code];
  }
}
