// node scripts/bench/stats/experiment.ts [--rows 10000000]: logs of an experiment to its verdict, in a process of its own.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { INTERACTION_COLUMNS } from "../../../workbench/catalog/columns.ts";
import { openDatabase, sqlText } from "../../../workbench/catalog/database.ts";
import { importFolder, ROWS_FILE } from "../../../workbench/catalog/segments.ts";
import { decideOnline } from "../../../workbench/decide/online/decide-online.ts";
import { createExperiment } from "../../../workbench/decide/online/experiment-file.ts";
import { EXPOSURES_FILE, exposuresFolder } from "../../../workbench/decide/online/exposure-segments.ts";
import { stagePlan } from "../../../workbench/decide/online/assign.ts";
import { sha256 } from "../../../workbench/schema/canonical.ts";
import type { ExposureManifest } from "../../../workbench/schema/experiment.ts";
import type { ImportManifest } from "../../../workbench/schema/import.ts";
import { jsonText, replaceFile } from "../../../workbench/store/atomic.ts";
import { realEffects, type Effects } from "../../../workbench/store/effects.ts";
import { fileRef } from "../../../workbench/store/hash.ts";
import { projectAt, type Project } from "../../../workbench/store/paths.ts";

const START = "2026-11-09T00:00:00.000Z";
const END = "2026-11-16T06:00:00.000Z";
const SALT = "bench";
const CALLS_PER_UNIT = 50;
const SEGMENTS = 10;

const POLICY = `schema: workbench/policy@1
name: bench
question: Can the small model replace the large one?
online: { salt: ${SALT}, minUnits: 1000, minDays: 7 }
primary: { metric: success, claim: non-inferior, margin: { relative: 0.05 } }
guardrails:
  - { metric: errorRate, better: lower, margin: { points: 0.005 } }
  - { metric: latencyMs.p95, better: lower, margin: { relative: 0.05 } }
  - { metric: costUsd, better: lower, margin: { relative: 0.05 } }
`;

export interface ExperimentTiming {
  readonly rows: number;
  readonly units: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  readonly verdict: string;
  readonly metrics: number;
}

/** Makes `rows` logged calls as Parquet segments and the exposures of their users, then times the verdict over them. */
export async function benchExperiment({ rows }: { readonly rows: number }): Promise<ExperimentTiming> {
  const root = await mkdtemp(join(tmpdir(), "wb-bench-experiment-"));
  try {
    const project = projectAt(root);
    await replaceFile(project.config, "schema: workbench/config@1\nproject: bench\n");
    await replaceFile(join(project.evals, "policies", "bench.yaml"), POLICY);
    const arms = { baseline: "large", candidate: "small" };
    await createExperiment({ project, name: "bench", policy: "bench", ...arms }, clockAt(START));
    const units = Math.max(4_000, Math.round(rows / CALLS_PER_UNIT));
    await writeCalls(project, rows, units);
    await writeExposures(project, units);
    return { rows, units, ...(await timed(root)) };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function clockAt(at: string): Effects {
  return { ...realEffects, now: () => new Date(at) };
}

type Timed = Omit<ExperimentTiming, "rows" | "units">;

function timed(root: string): Promise<Timed> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [import.meta.filename, "--decide", root], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
    child.once("error", failed);
    child.once("close", (code) => {
      if (code === 0) done(JSON.parse(text) as Timed);
      else failed(new Error(`the decision ended in ${code}`));
    });
  });
}

async function decideIn(root: string): Promise<Timed> {
  const started = performance.now();
  const { computed } = await decideOnline({ project: projectAt(root), name: "bench" }, clockAt(END));
  const wallSeconds = (performance.now() - started) / 1000;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return {
    wallSeconds,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakMegabytes: (maxRSS * 1024) / 1e6,
    verdict: `${computed.verdict} (${computed.reasons.join(", ")})`,
    metrics: computed.effects.length,
  };
}

const hashed = (text: string): string => `(hash(${text}) % 1000000)::DOUBLE / 1e6`;

/** What a call holds; every other column is null. */
const CALL: Readonly<Record<string, string>> = {
  schema: "'workbench/interaction@1'",
  interaction_id: "'call-' || i",
  row_key: "md5(i::VARCHAR)::UUID",
  import_id: "$id",
  kind: "'llm'",
  user_key: "'user-' || (i % $units)",
  started_at: `timestamptz '${START}' - interval 3 day + to_microseconds((${hashed("i * 7 + 1")} * 10 * 86400e6)::BIGINT)`,
  status: `case when ${hashed("i * 7 + 2")} < 0.01 then 'error' else 'ok' end`,
  task_completed: `${hashed("i * 7 + 3")} < 0.7 + 0.2 * ${hashed("i % $units")}`,
  latency_ms: `round(400 + 2000 * pow(${hashed("i * 7 + 4")}, 4), 3)`,
  cost_usd: `0.001 + 0.002 * ${hashed("i * 7 + 5")}`,
  input_tokens: "200 + i % 100",
  output_tokens: "20 + i % 30",
  line_no: "(i % 1000000)::BIGINT",
  part: "0",
  byte_offset: "0",
  byte_length: "1",
  format: "'workbench'",
};

async function writeCalls(project: Project, rows: number, units: number): Promise<void> {
  const list = Object.entries(INTERACTION_COLUMNS)
    .map(([name, type]) => `(${CALL[name] ?? "null"})::${type} as "${name}"`)
    .join(", ");
  for (let segment = 0; segment < SEGMENTS; segment++) {
    const id = sha256(`segment ${segment}`).slice(0, 32);
    const folder = importFolder(project, id);
    await realEffects.mkdir(folder);
    const db = await openDatabase({ allowed: [folder], temporary: join(folder, "tmp"), threads: 2 });
    const [from, to] = [
      Math.floor((rows * segment) / SEGMENTS),
      Math.floor((rows * (segment + 1)) / SEGMENTS),
    ];
    await db.run(
      `copy (select ${list} from range(${from}, ${to}) as t(i)) to ${sqlText(join(folder, ROWS_FILE))} (format parquet, compression zstd)`,
      { id, units },
    );
    db.close();
    const manifest: ImportManifest = {
      schema: "workbench/import@1",
      id,
      kind: "interactions",
      source: { label: "bench", sha256: sha256(id), byteStart: 0, byteEnd: 1 },
      format: "workbench",
      importer: "bench",
      redaction: { policySha256: sha256("none"), keyId: "bench", counts: {} },
      counts: { read: to - from, stored: to - from, known: 0, quarantined: 0, blank: 0, erased: 0 },
      lossy: [],
      continues: null,
      replaces: null,
      files: [await fileRef(folder, ROWS_FILE)],
      at: START,
    };
    await replaceFile(join(folder, "manifest.json"), jsonText(manifest));
  }
}

async function writeExposures(project: Project, units: number): Promise<void> {
  const id = sha256("exposures").slice(0, 32);
  const folder = join(exposuresFolder(project), id);
  await realEffects.mkdir(folder);
  const path = join(folder, EXPOSURES_FILE);
  const db = await openDatabase({ allowed: [folder], temporary: join(folder, "tmp") });
  const number = (salt: string): string => `('0x' || sha256('${salt}:' || unit)[1:16])::UBIGINT % 10000`;
  await db.run(
    `copy (
      select
        i::INTEGER as line_no, 'bench' as experiment, unit,
        case when ${number(`${SALT}:arm`)} >= ${stagePlan(50, [0.5, 0.5]).candidateFrom} then 'candidate' else 'baseline' end as arm,
        (${number(SALT)})::INTEGER as bucket, 50::DOUBLE as stage,
        timestamptz '${START}' + to_microseconds((${hashed("i * 13")} * 3 * 86400e6)::BIGINT) as exposed_at,
        null::VARCHAR as policy_sha256, null::VARCHAR as alias, false as fallback,
        map {'language': case when i % 3 = 0 then 'de' else 'en' end} as slices, true as as_hashed
      from (select i, 'user-' || i as unit from range($units) as t(i))
      order by i
    ) to ${sqlText(path)} (format parquet, compression zstd)`,
    { units },
  );
  db.close();
  await realEffects.write(join(folder, "quarantine.jsonl"), "");
  const manifest: ExposureManifest = {
    schema: "workbench/exposures@1",
    id,
    source: { name: "bench", sha256: sha256(id), bytes: 1 },
    keyId: "bench",
    counts: { read: units, stored: units, quarantined: 0, blank: 0 },
    files: [await fileRef(folder, EXPOSURES_FILE), await fileRef(folder, "quarantine.jsonl")],
    at: START,
  };
  await replaceFile(join(folder, "manifest.json"), jsonText(manifest));
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { rows: { type: "string", default: "10000000" }, decide: { type: "string" } },
  });
  if (values.decide !== undefined) console.log(JSON.stringify(await decideIn(values.decide)));
  else console.log(await benchExperiment({ rows: Number(values.rows) }));
}
