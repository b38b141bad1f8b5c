import { extname, join, relative } from "node:path";
import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import { canonical, sha256 } from "../../schema/canonical.ts";
import { Name } from "../../schema/names.ts";
import { replaceFile } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { fromInspectJson, fromInspectZip } from "./inspect.ts";
import { fromLmEval } from "./lm-eval.ts";
import { fromPromptfoo } from "./promptfoo.ts";
import { ImportedRow, ImportError, pythonJson, type Imported } from "./row.ts";
import { ZipError } from "./zip.ts";

export interface ImportRequest {
  readonly project: Project;
  /** Absolute path of the other tool's file. */
  readonly file: string;
  readonly arm: string;
  /** Which provider or filter, where the file holds several. */
  readonly select?: string | null;
}

export interface ImportDone {
  readonly tool: Imported["tool"];
  /** Relative to the project. */
  readonly path: string;
  readonly sha256: string;
  readonly rows: number;
  readonly failed: number;
  readonly scores: readonly string[];
  readonly notes: readonly string[];
}

const LARGEST = 512 << 20;

/**
 * Reads results of promptfoo (.json), lm-evaluation-harness (.jsonl) or Inspect AI (.json, .eval) and
 * writes them as `evals/imported/<arm>.jsonl`, which `imported()` makes an arm of. The file is not
 * trusted: shapes are checked, archives may expand 100-fold, and nothing is unpacked to disk.
 * @throws WB_FORMAT_UNKNOWN, WB_SOURCE_INVALID with what is wrong.
 */
export async function importResults(request: ImportRequest, effects: Effects): Promise<ImportDone> {
  const { project, file, arm, select = null } = request;
  if (!Name.safeParse(arm).success)
    throw new WorkbenchError({
      code: "WB_USAGE",
      what: `${quoted(arm)} is no arm`,
      fix: "use a-z, 0-9 and -",
    });
  const info = await effects.stat(file);
  if (!info)
    throw new WorkbenchError({
      code: "WB_FILE_MISSING",
      where: file,
      what: "there is no such file",
      fix: "check the path",
    });
  if (info.size > LARGEST) throw invalid(file, "it is larger than 512 MB");
  const imported = await understood(file, Buffer.from(await effects.read(file)), select);
  const rows = imported.rows.map((row) => ImportedRow.parse(row));
  const text = rows.map((row) => `${canonical(row)}\n`).join("");
  const path = join(project.evals, "imported", `${arm}.jsonl`);
  await replaceFile(path, text, effects);
  return {
    tool: imported.tool,
    path: relative(project.root, path),
    sha256: sha256(text),
    rows: rows.length,
    failed: rows.filter(({ error }) => error !== null).length,
    scores: [...new Set(rows.flatMap(({ scores }) => Object.keys(scores)))].sort(),
    notes: imported.notes,
  };
}

async function understood(file: string, bytes: Buffer, select: string | null): Promise<Imported> {
  try {
    return read(file, bytes, select);
  } catch (error) {
    if (error instanceof ImportError || error instanceof ZipError) throw invalid(file, error.message);
    throw error;
  }
}

function read(file: string, bytes: Buffer, select: string | null): Imported {
  const ending = extname(file);
  if (ending === ".eval") return fromInspectZip(bytes);
  const text = bytes.toString("utf8");
  if (ending === ".jsonl") {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    return fromLmEval(lines.map(pythonJson), select);
  }
  const value = ending === ".json" ? (pythonJson(text) as Record<string, unknown> | null) : null;
  if (Array.isArray(value?.["samples"])) return fromInspectJson({ samples: value["samples"] as unknown[] });
  const results = (value?.["results"] as { readonly results?: unknown } | undefined)?.results;
  if (Array.isArray(results)) return fromPromptfoo(results, select);
  throw new WorkbenchError({
    code: "WB_FORMAT_UNKNOWN",
    where: file,
    what: "these are no results that are known",
    fix: "give promptfoo's .json, lm-evaluation-harness's samples_*.jsonl, or Inspect's .json or .eval",
  });
}

const invalid = (where: string, what: string): WorkbenchError =>
  new WorkbenchError({
    code: "WB_SOURCE_INVALID",
    where,
    what: what.slice(0, 500),
    fix: "write the results again with the tool that made them, or choose with --select",
  });
