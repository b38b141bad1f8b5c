import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";
import type { DatasetManifest } from "../schema/dataset.ts";
import { Example, Pair, Split } from "../schema/dataset.ts";
import type { Format } from "../select/formats.ts";
import { FORMATS as LINE_FORMATS } from "../select/formats.ts";
import { isRefused } from "../stats/refused.ts";
import { replaceFile } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { verifyFiles } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { resolveInside } from "../store/paths.ts";
import type { DatasetVersion } from "./versions.ts";
import { resolveVersion } from "./versions.ts";

/** Every format by the name that `--as` takes. `huggingface` copies the Parquet files into a folder of the Hub's layout. */
export const FORMATS: Readonly<Record<string, Format | null>> = { ...LINE_FORMATS, huggingface: null };

export interface ExportRequest {
  readonly project: Project;
  /** `name@digest`, `name@latest` or a name. */
  readonly ref: string;
  readonly as: string;
  /** A new folder inside the project. */
  readonly to: string;
}

export interface ExportReport {
  readonly ref: string;
  readonly as: string;
  readonly files: readonly { readonly path: string; readonly rows: number }[];
  /** Rows that the format cannot hold. */
  readonly refused: number;
}

/** Writes a version in another tool's format, after checking its files against the manifest. */
export async function exportVersion(
  { project, ref, as, to }: ExportRequest,
  effects: Effects = realEffects,
): Promise<ExportReport> {
  const format = Object.hasOwn(FORMATS, as) ? FORMATS[as] : undefined;
  if (format === undefined)
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: "--as",
      what: `${quoted(as)} is no export format`,
      fix: `use one of ${Object.keys(FORMATS).join(", ")}`,
    });
  const version = await resolveVersion(project, ref, effects);
  await verifyFiles(version.folder, version.manifest.files, effects);
  const folder = await resolveInside(project.root, [to], effects);
  if ((await effects.list(folder)).length > 0)
    throw new WorkbenchError({
      code: "WB_USAGE",
      where: to,
      what: "this folder is not empty",
      fix: "name a new folder: an export never mixes with other files",
    });
  const done = format
    ? await exportLines(version, format, { folder, effects })
    : await exportHub(version, { folder, effects });
  if (as === "alpaca" || as === "sharegpt")
    await replaceFile(
      join(folder, "dataset_info.json"),
      `${JSON.stringify(datasetInfo(version.manifest, as), null, 2)}\n`,
      effects,
    );
  return {
    ref: version.ref,
    as,
    refused: done.refused,
    files: done.files.map(({ name, rows }) => ({ path: join(to, name), rows })),
  };
}

interface Target {
  readonly folder: string;
  readonly effects: Effects;
}

interface Done {
  readonly files: readonly { readonly name: string; readonly rows: number }[];
  readonly refused: number;
}

async function exportLines(
  { folder: from, manifest }: DatasetVersion,
  format: Format,
  { folder, effects }: Target,
): Promise<Done> {
  const schema = manifest.kind === "sft" ? Example : Pair;
  const files = [];
  let refused = 0;
  for (const side of Split.options) {
    const text = Buffer.from(await effects.read(join(from, `${side}.jsonl`))).toString("utf8");
    const rows = text.split("\n").filter((line) => line !== "");
    const lines = rows.map((line) => format(schema.parse(JSON.parse(line))));
    const kept = lines.filter((line) => !isRefused(line));
    refused += lines.length - kept.length;
    const name = `${side}.jsonl`;
    await replaceFile(join(folder, name), kept.map((line) => `${JSON.stringify(line)}\n`).join(""), effects);
    files.push({ name, rows: kept.length });
  }
  return { files, refused };
}

/** The Hub's layout: README.md with `configs`, data/<split>-00000-of-00001.parquet. */
async function exportHub(
  { folder: from, manifest }: DatasetVersion,
  { folder, effects }: Target,
): Promise<Done> {
  const files = [];
  const hubName = { train: "train", val: "validation", test: "test" } as const;
  for (const side of Split.options) {
    const name = `data/${hubName[side]}-00000-of-00001.parquet`;
    await replaceFile(join(folder, name), await effects.read(join(from, `${side}.parquet`)), effects);
    files.push({ name, rows: manifest.splits[side] });
  }
  const paths = files.map(
    ({ name }) => `      - split: ${name.slice(5).split("-")[0] ?? ""}\n        path: ${name}`,
  );
  const head = `---\nconfigs:\n  - config_name: default\n    data_files:\n${paths.join("\n")}\n---\n\n`;
  const card = Buffer.from(await effects.read(join(from, "card.md"))).toString("utf8");
  await replaceFile(join(folder, "README.md"), head + card, effects);
  return { files, refused: 0 };
}

/** LLaMA-Factory finds a data set through this file. */
function datasetInfo({ name, kind }: DatasetManifest, as: "alpaca" | "sharegpt"): unknown {
  const isPairs = kind === "preference";
  const answers = isPairs ? { chosen: "chosen", rejected: "rejected" } : {};
  const columns =
    as === "alpaca"
      ? {
          prompt: "instruction",
          query: "input",
          system: "system",
          history: "history",
          ...(isPairs ? answers : { response: "output" }),
        }
      : { messages: "conversations", system: "system", tools: "tools", ...answers };
  return Object.fromEntries(
    Split.options.map((side) => [
      `${name}-${side}`,
      { file_name: `${side}.jsonl`, formatting: as, ...(isPairs ? { ranking: true } : {}), columns },
    ]),
  );
}
