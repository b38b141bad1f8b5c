import type { Config } from "../schema/config.ts";
import type { PostgresSource, S3Source } from "../schema/remote-source.ts";
import type { Project } from "../store/paths.ts";
import type { Limits } from "./limits.ts";
import type { SourceReport } from "./source-report.ts";
import type { Source } from "./source.ts";

/** What to read, and how. */
export interface IngestRequest {
  readonly project: Project;
  readonly config: Config;
  /** Files, folders, globs, `postgres://…`, `s3://…`, names of the configuration; "-" is standard input. */
  readonly sources: readonly (string | Found)[];
  /** What a database is asked for. */
  readonly postgres?: Partial<Pick<PostgresSource, "table" | "query" | "passwordEnv">>;
  /** Where an object store is. */
  readonly s3?: Partial<Pick<S3Source, "endpoint" | "region" | "pathStyle">>;
  /** The sources are comma-separated values, whatever they are called. */
  readonly csv?: boolean;
  /** A format's name; detected when absent. */
  readonly format?: string;
  /** Path of a workbench/mapping@1 file; replaces `format`. */
  readonly mapping?: string;
  readonly label?: string;
  /** 32 bytes. Default: the workspace key (made on first use). */
  readonly key?: Uint8Array;
  /** Read a file again that an older importer or another policy has read; its rows replace the old ones. */
  readonly again?: boolean;
  /** Hash every byte, also of a file whose size, time and ends are those of the last time. */
  readonly verify?: boolean;
  /** Keep records as they came too, sealed under a data key for each person. */
  readonly keepRaw?: boolean;
  /** Of several sources, report one that cannot be read as refused and read the others. Default: throw. */
  readonly readOn?: boolean;
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly limits?: Partial<Limits>;
  /** How many threads may read records side by side. Default: one a core, at most eight; what comes out is the same. */
  readonly threads?: number;
  /** Told before each source: which, from 0, of how many. */
  readonly onSource?: (nth: number, of: number) => void;
  /** Told after each source what became of it: what came before an error is known. */
  readonly onReport?: (report: SourceReport) => void;
  /** Told after each part of a source, and when it is read and its rows are being written. */
  readonly onProgress?: (progress: IngestProgress) => void;
}

/** Where a command's words lead; a named source brings its label and its mapping file along. */
export interface Found extends Source {
  readonly label?: string;
  readonly mapping?: string;
}

/** How far the reading of one source is. */
export interface IngestProgress {
  /** As the user named it. */
  readonly source: string;
  readonly records: number;
  /** Read so far, what an earlier import read of the source included. */
  readonly bytes: number;
  /** Of the whole; null when it is not known before the end. */
  readonly total: number | null;
  readonly isRead: boolean;
}
