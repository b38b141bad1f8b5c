import { basename, join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { canonical, digestOf } from "../schema/canonical.ts";
import { Decision } from "../schema/decision.ts";
import { RunManifest } from "../schema/run.ts";
import { VerdictData } from "../schema/registry.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { hashFile, verifyFiles } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { firstDifference } from "./difference.ts";
import { readAs, readJson, shaped } from "../store/read-json.ts";
import { latestRun, openEvalRun, runFolder, trainingOf } from "./evidence.ts";
import { Facts } from "./facts.ts";
import { integrity } from "./integrity.ts";
import { isOnline, replayOnline } from "./online/replay.ts";
import { containsHead, logPath, readLog } from "./log.ts";
import {
  computedOf,
  DecisionInputs,
  evidenceRefs,
  PolicySnapshot,
  recordId,
  RECORD_VERSION,
} from "./record.ts";

/** What `verify` looked at; it throws (exit 6) at the first thing that is not as recorded. */
export interface Verified {
  readonly run: string;
  readonly record: string;
  readonly verdict: Decision["computed"]["verdict"];
  readonly evidence: readonly { readonly path: string; readonly sha256: string }[];
  readonly effects: number;
  /** Whether the log names this record; false for one that was never recorded. */
  readonly logged: boolean;
}

/**
 * Replays a decision: every evidence file is hashed again, all of `computed` is computed again from
 * those files and must be the same bytes. Takes a run id, a path to its folder, or `latest`.
 */
export async function verifyDecision(
  project: Project,
  which: string,
  effects: Effects = realEffects,
): Promise<Verified> {
  const run = which === "latest" ? await latestRun(project, "decision", effects) : runId(which);
  const folder = await runFolder(project, run, effects);
  const stored = await readStored(folder, effects);
  const { logHead } = stored.envelope;
  const logged = await checkLog(project, folder, { run, record: stored.id, logHead, effects });
  await verifyFiles(project.root, stored.computed.evidence, effects);
  const computed = await recompute(project, folder, { run, stored, effects });
  const change = firstDifference(stored.computed, computed, "computed");
  if (change !== null)
    throw integrity(join(folder, "result.json"), change, "the record does not follow from its evidence");
  if (recordId(computed) !== stored.id)
    throw integrity(
      join(folder, "result.json"),
      `id is ${stored.id}, the record's digest is ${recordId(computed)}`,
    );
  const evidence = stored.computed.evidence.map(({ path, sha256 }) => ({ path, sha256 }));
  const { verdict, effects: read } = stored.computed;
  return { run, record: stored.id, verdict, evidence, effects: read.length, logged };
}

/** A run id as typed, or the folder's name from a path like `runs/abc/` or `runs/abc/result.json`. */
function runId(which: string): string {
  const path = which.replace(/\/+$/, "").replace(/\/result\.json$/, "");
  return basename(path);
}

async function readStored(folder: string, effects: Effects): Promise<Decision> {
  const path = join(folder, "result.json");
  const json = await readJson(path, effects);
  const parsed = Decision.safeParse(json);
  if (!parsed.success) throw integrity(path, "this is not a decision record");
  const text = Buffer.from(await effects.read(path)).toString("utf8");
  if (text !== `${canonical(json)}\n`) throw integrity(path, "the file is not in the form it was written in");
  return parsed.data;
}

interface Replay {
  readonly run: string;
  readonly stored: Decision;
  readonly effects: Effects;
}

async function recompute(
  project: Project,
  folder: string,
  { run, stored, effects }: Replay,
): Promise<Decision["computed"]> {
  const manifest = await readAs(RunManifest, join(folder, "manifest.json"), effects);
  if (digestOf(manifest.inputs) !== manifest.inputsSha256 || manifest.inputsSha256.slice(0, 12) !== run)
    throw integrity(join(folder, "manifest.json"), "the inputs do not match the run's id");
  const version = manifest.inputs["recordVersion"];
  if (version !== RECORD_VERSION)
    throw new WorkbenchError({
      code: "WB_INTEGRITY",
      where: folder,
      what: `this record was made by version ${String(version)}, this workbench makes version ${RECORD_VERSION}`,
      why: "another version may calculate or word things differently, so it cannot vouch for the bytes",
      fix: `check out the commit in the record's envelope and verify there, or decide again`,
    });
  if (isOnline(manifest)) return replayOnline(project, folder, { run, manifest }, effects);
  const inputs = shaped(DecisionInputs, manifest.inputs, join(folder, "manifest.json"));
  const facts = await readAs(Facts, join(folder, "facts.json"), effects);
  if (digestOf(facts) !== inputs.factsSha256)
    throw integrity(join(folder, "facts.json"), "the facts were changed");
  const { policy } = await readAs(PolicySnapshot, join(folder, "policy.json"), effects);
  const candidate = await openEvalRun(project, inputs.candidate.run, effects);
  const isSameRun = inputs.baseline.run === inputs.candidate.run;
  const baseline = isSameRun ? candidate : await openEvalRun(project, inputs.baseline.run, effects);
  // Only a training run that was evidence then is evidence now: it may have finished since.
  const hadTraining = stored.computed.evidence.some((ref) => ref.role === "training");
  const lineage = hadTraining ? stored.computed.candidate.run : null;
  const training = await trainingOf(project, lineage, effects);
  const runs = isSameRun ? [candidate] : [baseline, candidate];
  const refs = await evidenceRefs(project, { runs, training: training?.ref ?? null, decision: run }, effects);
  const arms = { baseline: inputs.baseline.arm, candidate: inputs.candidate.arm };
  return computedOf({ runs: { baseline, candidate }, arms, policy, facts, seed: manifest.seed, refs });
}

interface Logged {
  readonly run: string;
  readonly record: string;
  readonly logHead: string | null;
  readonly effects: Effects;
}

/** The log's row, where there is one, fixes the bytes of record and manifest, clock values included. */
async function checkLog(
  project: Project,
  folder: string,
  { run, record, logHead, effects }: Logged,
): Promise<boolean> {
  const log = await readLog(project, effects);
  if (log.rows.length === 0) return false;
  if (logHead !== null && !containsHead(log, logHead))
    throw integrity(logPath(project), `rows were cut: this decision saw the head ${logHead}`);
  const row = log.rows.findLast((one) => one.kind === "verdict.recorded" && one.data["run"] === run);
  if (!row) return false;
  const data = shaped(VerdictData, row.data, "runs/registry/log.jsonl");
  if (data.record !== record)
    throw integrity(join(folder, "result.json"), `the log recorded ${data.record}, the file says ${record}`);
  for (const [file, sha256] of [
    ["result.json", data.resultSha256],
    ["manifest.json", data.manifestSha256],
  ] as const) {
    const found = (await hashFile(join(folder, file), effects)).sha256;
    if (found !== sha256)
      throw integrity(join(folder, file), `its SHA-256 is ${found}, the log recorded ${sha256}`);
  }
  return true;
}
