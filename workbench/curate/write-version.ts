import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { digestOf } from "../schema/canonical.ts";
import type { DatasetBody } from "../schema/dataset.ts";
import { DatasetManifest, Split } from "../schema/dataset.ts";
import type { Built } from "../select/build.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { fileRef, verifyFiles } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { cardOf } from "./card.ts";
import type { Inputs } from "./inputs.ts";
import { toolVersions } from "./tools.ts";
import type { DatasetRow } from "./lines.ts";
import { COLUMNS, rowOf } from "./lines.ts";
import { openStage } from "./publish.ts";
import type { Stage } from "./publish.ts";
import { qualityOf, warningsOf } from "./quality.ts";
import { manifestDigest } from "./versions.ts";
import { writeParquet } from "./write-parquet.ts";

const SPLITS = Split.options;

export interface WriteRequest {
  readonly project: Project;
  readonly inputs: Inputs;
  readonly built: Built;
  readonly clock: DatasetManifest["clock"];
  /** A rebuild: what comes out must be this manifest. */
  readonly from?: DatasetManifest | undefined;
}

/** Writes a version into a stage and gives it its name: `datasets/<name>@<digest12>`. */
export async function writeVersion(
  request: WriteRequest,
  effects: Effects = realEffects,
): Promise<DatasetManifest> {
  const { project, inputs, built, clock, from } = request;
  const stage = await openStage(project, inputs.named.name, effects);
  await writeRows(stage, built, { kind: inputs.named.definition.kind, effects });
  const body = bodyOf(inputs, built);
  await stage.write("card.md", cardOf(body, { rejects: built.rejects, rows: inputs.source.rows }));
  const files = [];
  for (const name of FILES) files.push(await fileRef(stage.folder, name, effects));
  const whole = { ...body, files, clock };
  const manifest = DatasetManifest.parse({ ...whole, digest: manifestDigest(whole) });
  if (from && from.digest !== manifest.digest) {
    await effects.remove(stage.folder);
    throw differs(from, manifest);
  }
  await finish(stage, manifest, { project, effects });
  return manifest;
}

const FILES = [
  "card.md",
  "rejects.jsonl",
  ...SPLITS.flatMap((side) => [`${side}.jsonl`, `${side}.parquet`]),
].sort();

async function writeRows(
  stage: Stage,
  built: Built,
  { kind, effects }: { readonly kind: DatasetManifest["kind"]; readonly effects: Effects },
): Promise<void> {
  const lines = (values: readonly unknown[]): string =>
    values.map((value) => `${JSON.stringify(value)}\n`).join("");
  const sides = SPLITS.map((side) => ({
    side,
    rows: built.sides[side].map((unit): DatasetRow => rowOf(unit, built.groupOf(unit))),
  }));
  for (const { side, rows } of sides)
    await stage.write(`${side}.jsonl`, lines(rows.map(({ example }) => example)));
  await stage.write("rejects.jsonl", lines(built.rejects));
  const tables = sides.map(({ side, rows }) => ({
    name: `${side}.parquet`,
    columns: COLUMNS[kind],
    rows: rows.map(({ example, lineage }) => ({ ...example, ...lineage })),
  }));
  await writeParquet(stage.folder, tables, effects);
}

function bodyOf({ named, asOf, source, suites, screens, sha256 }: Inputs, built: Built): DatasetBody {
  const { name, definition } = named;
  const step = built.funnel.find((one) => one.step === "decontaminate");
  const flagged = step ? step.in - step.out : 0;
  return {
    schema: "workbench/dataset@1",
    name,
    kind: definition.kind,
    definition,
    definitionSha256: digestOf(definition),
    inputsSha256: sha256,
    asOf: asOf ?? null,
    sources: [...source.sources],
    rowsSha256: source.rowsSha256,
    screening: { policySha256: screens.policySha256, tokenizerSha256: screens.tokenizerSha256 },
    seed: definition.seed,
    funnel: [...built.funnel],
    splits: {
      train: built.sides.train.length,
      val: built.sides.val.length,
      test: built.sides.test.length,
    },
    contamination: {
      suites: suites.map((one) => ({ suite: one.suite, sha256: one.sha256, items: one.items.length })),
      flagged,
      removed: flagged,
    },
    quality: qualityOf(source.rows, built, definition),
    warnings: [
      ...warningsOf(source.rows, built, definition),
      ...suiteWarning(definition.decontaminate, suites),
    ],
    tools: toolVersions(),
  };
}

function suiteWarning(settings: unknown, suites: readonly unknown[]): readonly string[] {
  if (settings === null) return ["decontamination is switched off: a score on any suite may be memory"];
  return suites.length === 0
    ? ["no evaluation file matches decontaminate.against: nothing was compared"]
    : [];
}

/** A whole version that is there already stays as it is; the stage goes. */
async function finish(
  stage: Stage,
  manifest: DatasetManifest,
  { project, effects }: { readonly project: Project; readonly effects: Effects },
): Promise<void> {
  const entry = `${manifest.name}@${manifest.digest.slice(0, 12)}`;
  const folder = join(project.datasets, entry);
  const whole = await verifyFiles(folder, manifest.files, effects).then(
    () => effects.stat(join(folder, "manifest.json")),
    () => null,
  );
  if (whole) await effects.remove(stage.folder);
  else await stage.publish(entry, manifest);
}

function differs(from: DatasetManifest, built: DatasetManifest): WorkbenchError {
  const names = [
    "definition",
    "sources",
    "rowsSha256",
    "screening",
    "funnel",
    "contamination",
    "tools",
  ] as const;
  const changed = names.filter((name) => digestOf(from[name]) !== digestOf(built[name]));
  const files = from.files
    .filter((file) => built.files.find(({ path }) => path === file.path)?.sha256 !== file.sha256)
    .map(({ path }) => path);
  return new WorkbenchError({
    code: "WB_INTEGRITY",
    where: `datasets/${from.name}@${from.digest.slice(0, 12)}`,
    what: "the rebuild gives other bytes than this manifest names",
    why: `these differ: ${[...changed, ...files].join(", ") || "other members of the manifest"}`,
    fix: "restore the imports and evaluation files it was built from, and the same tool versions",
  });
}
