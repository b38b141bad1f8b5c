import { join } from "node:path";
import { listImports } from "../../catalog/segments.ts";
import { WorkbenchError } from "../../errors/error.ts";
import { digestOf } from "../../schema/canonical.ts";
import { Decision, type HealthCheck } from "../../schema/decision.ts";
import { LookData, RolloutData, type Experiment } from "../../schema/experiment.ts";
import { jsonText, writeOnce } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { readJson } from "../../store/read-json.ts";
import { envelopeOf, recordVerdict, type Decided } from "../decide.ts";
import { writeDecisionInputs } from "../decision-inputs.ts";
import { appendPatiently, readLog, type Log } from "../log.ts";
import { policyDigest } from "../policy.ts";
import { RECORD_VERSION, recordId } from "../record.ts";
import { openExperiment } from "./experiment-file.ts";
import { evidenceDigest, listExposures } from "./exposure-segments.ts";
import type { Look } from "./looks.ts";
import { onlineRefs } from "./online-refs.ts";
import { onlineComputed, type OnlineFacts, type OnlineInputs } from "./online-record.ts";
import { readExperiment, type ExperimentReading } from "./read-experiment.ts";

export interface OnlineRequest {
  readonly project: Project;
  readonly name: string;
  /** Read exposures and calls before this instant; default now, or when this evidence was read before. */
  readonly until?: string;
  readonly seed?: number;
}

/** An experiment, its files, and what the log said of it. */
export interface Opened {
  readonly experiment: Experiment;
  readonly imports: readonly string[];
  readonly exposures: readonly string[];
  readonly evidenceSha256: string;
  readonly until: string;
  readonly facts: OnlineFacts;
}

/**
 * Judges an experiment at a planned look and stores the decision as a run: health first, effects only if
 * this look is planned, the look journalled before they are computed, the record written once. The same
 * evidence is the same look and the same record.
 */
export async function decideOnline(request: OnlineRequest, effects: Effects = realEffects): Promise<Decided> {
  const { project, seed = 7 } = request;
  const opened = await openEvidence(request, effects);
  const { experiment, until, facts } = opened;
  const reading = await readExperiment({ project, ...opened, withEffects: true }, effects);
  if (reading.evidence !== null) await journalLook(project, opened, reading.look, effects);
  const run = await writeInputs(project, { opened, seed }, effects);
  const path = join(project.runs, run, "result.json");
  if (!(await effects.stat(path))) {
    const refs = await onlineRefs(project, { ...opened, name: experiment.name, run }, effects);
    const computed = onlineComputed({ experiment, facts, until, ...reading, refs, seed });
    const decision = { schema: "workbench/decision@1", id: recordId(computed), computed };
    await writeOnce(path, jsonText({ ...decision, envelope: await envelopeOf(project, effects) }), effects);
  }
  const decision = Decision.parse(await readJson(path, effects));
  await recordVerdict(project, run, decision, effects);
  return { ...decision, run };
}

/** Health and counts only: no effect is read, so no look is spent. */
export async function healthOf(
  request: OnlineRequest,
  effects: Effects = realEffects,
): Promise<Opened & ExperimentReading> {
  const opened = await openEvidence(request, effects);
  const reading = await readExperiment({ project: request.project, ...opened, withEffects: false }, effects);
  return { ...opened, ...reading };
}

/** The files an experiment stands on now, and what the log says of it before this look. */
export async function openEvidence(
  { project, name, until }: OnlineRequest,
  effects: Effects,
): Promise<Opened> {
  const log = await readLog(project, effects);
  const experiment = await openExperiment(project, name, effects, log);
  const imports = (await listImports(project, effects)).filter(({ kind }) => kind === "interactions");
  const exposures = await listExposures(project, effects);
  const digests = [...imports, ...exposures].flatMap(({ files }) => files.map(({ sha256 }) => sha256));
  const evidenceSha256 = evidenceDigest([...digests, until ?? ""]);
  const looks = log.rows.filter((row) => row.kind === "look.taken" && row.data["experiment"] === name);
  const mine = looks.find((row) => row.data["evidence"] === evidenceSha256);
  const before = mine === undefined ? log.rows : log.rows.slice(0, mine.seq);
  const now = effects.now().toISOString();
  const chosen = mine === undefined ? new Date(until ?? now).toISOString() : LookData.parse(mine.data).until;
  const ended = rollbackOf(before, name);
  return {
    experiment,
    imports: imports.map(({ id }) => id),
    exposures: exposures.map(({ id }) => id),
    evidenceSha256,
    until: ended !== null && ended < chosen ? ended : chosen,
    facts: {
      schema: "workbench/online-facts@1",
      now: chosen,
      looks: before
        .filter((row) => row.kind === "look.taken" && row.data["experiment"] === name)
        .map((row) => LookData.parse(row.data))
        .map(({ units, spent, isFinal }) => ({ units, spent, isFinal })),
      checks: [...logChecks(experiment, before, ended)],
    },
  };
}

/** When a ramp was rolled back or stopped: nothing after it may be pooled with what came before. */
function rollbackOf(rows: Log["rows"], name: string): string | null {
  const row = rows.find(
    (one) =>
      one.kind === "rollout.stage" &&
      one.data["experiment"] === name &&
      ["back", "stop"].includes(RolloutData.parse(one.data).move),
  );
  return row?.at ?? null;
}

function logChecks(experiment: Experiment, rows: Log["rows"], ended: string | null): readonly HealthCheck[] {
  const check = (name: string, flaw: string | null, code: string): HealthCheck => ({
    check: name,
    passed: flaw === null,
    detail: flaw ?? "as planned",
    code,
    severity: "inconclusive",
  });
  const created = rows.find((row) => row.key === `experiment:${experiment.name}`);
  const isOther = policyDigest(experiment.policy) !== experiment.policySha256;
  const late =
    created === undefined
      ? "the log has no row for this experiment"
      : isOther
        ? "its policy was declared under other estimators"
        : created.at > experiment.startsAt &&
            created.at > experiment.createdAt &&
            daysBetween(experiment.startsAt, created.at) > 0
          ? "it was created after its own start: its rules may have been written with the data in view"
          : null;
  const back =
    ended === null ? null : `the ramp was taken back at ${ended}: a new experiment must show what changed`;
  return [
    check("rules before data", late, "policy-after-data"),
    check("the ramp stands", back, "rolled-back"),
  ];
}

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000;
}

/** Written before an effect is computed: a look that was opened is spent, whatever happens next. */
async function journalLook(project: Project, opened: Opened, look: Look, effects: Effects): Promise<void> {
  const { experiment, until, evidenceSha256, facts } = opened;
  const data: LookData = {
    experiment: experiment.name,
    look: look.number,
    units: look.units,
    spent: look.spent,
    isFinal: look.isFinal,
    until,
    evidence: evidenceSha256,
  };
  await appendPatiently(
    project,
    (log) => {
      const taken = log.rows.filter(
        (row) => row.kind === "look.taken" && row.data["experiment"] === experiment.name,
      );
      if (taken.some((row) => row.data["evidence"] === evidenceSha256)) return [];
      if (taken.length > facts.looks.length)
        throw new WorkbenchError({
          code: "WB_LOCK_BUSY",
          where: "runs/registry/log.jsonl",
          what: "another look at this experiment was taken while this one was prepared",
          why: "each look spends a part of the error, in order",
          fix: "run the command again",
        });
      return [{ kind: "look.taken", key: `look:${experiment.name}:${evidenceSha256}`, data: { ...data } }];
    },
    effects,
  );
}

interface InputWork {
  readonly opened: Opened;
  readonly seed: number;
}

/** Writes manifest, policy and facts; the run's id is the digest of its inputs. */
async function writeInputs(project: Project, { opened, seed }: InputWork, effects: Effects): Promise<string> {
  const { experiment, imports, exposures, until, facts } = opened;
  const inputs: OnlineInputs & { readonly seed: number } = {
    recordVersion: RECORD_VERSION,
    experiment: experiment.name,
    experimentSha256: digestOf(experiment),
    policySha256: experiment.policySha256,
    imports: [...imports],
    exposures: [...exposures],
    until,
    factsSha256: digestOf(facts),
    seed,
  };
  const name = `${experiment.name}: ${experiment.candidate.model} against ${experiment.baseline.model}, online`;
  const { policy } = experiment;
  return writeDecisionInputs(
    project,
    { name, experiment: experiment.name, inputs, seed, policy, facts },
    effects,
  );
}
