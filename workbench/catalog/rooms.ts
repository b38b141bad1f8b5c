import { join } from "node:path";
import type { z } from "zod";
import { WorkbenchError } from "../errors/error.ts";
import { DatasetManifest } from "../schema/dataset.ts";
import { Decision } from "../schema/decision.ts";
import { QuarantineLine } from "../schema/import.ts";
import { RunManifest, SampleRow } from "../schema/run.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { QUARANTINE_FILE, importFolder, importsFolder, listImports } from "./segments.ts";
import { hasNewerQuarantine } from "./superseded.ts";

type Row = Readonly<Record<string, unknown>>;

/** Names, sizes and times of every file that the catalog is made from: when they change, it is stale. */
export async function stampOf(project: Project, effects: Effects): Promise<readonly string[]> {
  const marks: string[] = [];
  for (const { folder, files } of [
    { folder: importsFolder(project), files: ["manifest.json"] },
    { folder: project.datasets, files: ["manifest.json"] },
    { folder: project.runs, files: ["manifest.json", "samples.jsonl", "result.json"] },
  ])
    for (const name of await effects.list(folder))
      for (const file of files) {
        const info = await effects.stat(join(folder, name, file));
        if (info?.isFile) marks.push(`${folder}/${name}/${file} ${info.size} ${info.mtimeMs}`);
      }
  return marks;
}

/** The rows of one table, in the order of names, from the files. */
export async function* gather(table: string, project: Project, effects: Effects): AsyncGenerator<Row> {
  if (table === "imports") yield* importRows(project, effects);
  else if (table === "quarantine") yield* quarantineRows(project, effects);
  else if (table === "datasets") yield* datasetRows(project, effects);
  else if (table === "runs") yield* runRows(project, effects);
  else if (table === "samples") yield* sampleRows(project, effects);
  else if (table === "decisions") yield* decisionRows(project, effects);
  else throw new Error(`no table ${table}`);
}

async function* importRows(project: Project, effects: Effects): AsyncGenerator<Row> {
  for (const manifest of await listImports(project, effects)) {
    const { id, kind, source, format, importer, redaction, counts, continues, replaces, at } = manifest;
    const rows = (manifest["rows"] ?? {}) as { interactions?: number; feedback?: number };
    const { label } = source;
    const { keyId, counts: redactions } = redaction;
    yield {
      id,
      kind,
      label,
      format,
      importer,
      key_id: keyId,
      ...counts,
      ...rows,
      redactions,
      continues,
      replaces,
      imported_at: at,
      manifest,
    };
  }
}

async function* quarantineRows(project: Project, effects: Effects): AsyncGenerator<Row> {
  const imports = await listImports(project, effects);
  for (const manifest of imports) {
    const { id, source, files } = manifest;
    const isEmpty = files.some(({ path, bytes }) => path === QUARANTINE_FILE && bytes === 0);
    if (isEmpty || hasNewerQuarantine(manifest, imports)) continue;
    const path = join(importFolder(project, id), QUARANTINE_FILE);
    for await (const line of jsonLines(path, QuarantineLine, effects)) {
      const { byteOffset, byteLength, ...rest } = line;
      yield { import_id: id, label: source.label, byte_offset: byteOffset, byte_length: byteLength, ...rest };
    }
  }
}

async function* datasetRows(project: Project, effects: Effects): AsyncGenerator<Row> {
  for (const folder of await effects.list(project.datasets)) {
    const manifest = await jsonFile(
      join(project.datasets, folder, "manifest.json"),
      DatasetManifest,
      effects,
    );
    if (manifest)
      yield { ...pick(manifest, ["name", "digest", "kind"]), folder, ...manifest.splits, manifest };
  }
}

async function* runRows(project: Project, effects: Effects): AsyncGenerator<Row> {
  for (const id of await effects.list(project.runs)) {
    const manifest = await jsonFile(join(project.runs, id, "manifest.json"), RunManifest, effects);
    if (!manifest) continue;
    const path = join(project.runs, id, "result.json");
    const result = (await effects.stat(path)) ? parseJson(await effects.read(path), path) : null;
    yield {
      ...pick(manifest, ["kind", "name", "experiment"]),
      started_at: manifest.at,
      id,
      finished: result !== null,
      manifest,
      result,
    };
  }
}

async function* sampleRows(project: Project, effects: Effects): AsyncGenerator<Row> {
  for (const run of await effects.list(project.runs)) {
    const path = join(project.runs, run, "samples.jsonl");
    if (await effects.stat(path))
      for await (const row of jsonLines(path, SampleRow, effects)) yield { run, ...row };
  }
}

async function* decisionRows(project: Project, effects: Effects): AsyncGenerator<Row> {
  for (const run of await effects.list(project.runs)) {
    const path = join(project.runs, run, "result.json");
    if (!(await effects.stat(path))) continue;
    const parsed = Decision.safeParse(parseJson(await effects.read(path), path));
    if (!parsed.success) continue; // a result of another kind
    const { id, computed, envelope } = parsed.data;
    yield {
      run,
      id,
      ...pick(computed, ["question", "suite", "verdict", "sentence"]),
      policy: computed.policy.name,
      baseline: computed.baseline.arm,
      candidate: computed.candidate.arm,
      decided_at: envelope.at,
      record: parsed.data,
    };
  }
}

function pick<T extends object, K extends keyof T>(value: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, value[name]])) as Pick<T, K>;
}

async function jsonFile<S extends z.ZodType>(
  path: string,
  schema: S,
  effects: Effects,
): Promise<z.output<S> | null> {
  if (!(await effects.stat(path))) return null;
  return checked(schema, parseJson(await effects.read(path), path), path);
}

/** Lines of a file of ours, a chunk at a time. A torn last line belongs to a run that still writes. */
async function* jsonLines<S extends z.ZodType>(
  path: string,
  schema: S,
  effects: Effects,
): AsyncGenerator<z.output<S>> {
  let rest = Buffer.alloc(0);
  let line = 0;
  for await (const chunk of effects.stream(path)) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    rest = bytes.subarray(end);
    if (end === 0) continue;
    for (const text of bytes.toString("utf8", 0, end - 1).split("\n")) {
      line++;
      yield checked(schema, parseJson(Buffer.from(text), `${path}:${line}`), `${path}:${line}`);
    }
  }
}

function parseJson(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as unknown;
  } catch {
    throw damaged(where, "not JSON");
  }
}

function checked<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw damaged(where, `${issue?.path.map(String).join(".") ?? ""}: ${issue?.message ?? "invalid"}`);
}

function damaged(where: string, why: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_INTEGRITY",
    where,
    what: "this file is not what the workbench writes here",
    why,
    fix: "restore the file from a copy, or move its folder away and make it again",
  });
}
