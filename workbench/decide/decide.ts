import { join } from "node:path";
import { WorkbenchError } from "../errors/error.ts";
import { digestOf } from "../schema/canonical.ts";
import { Decision } from "../schema/decision.ts";
import { jsonText, writeOnce } from "../store/atomic.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { hashFile } from "../store/hash.ts";
import { codeFacts, hostFacts } from "../store/host-facts.ts";
import type { Project } from "../store/paths.ts";
import { writeDecisionInputs } from "./decision-inputs.ts";
import type { EvalRun } from "./evidence.ts";
import { readJson } from "../store/read-json.ts";
import { armOf, latestRun, openEvalRun, trainingOf } from "./evidence.ts";
import { contextChecks, type Facts, type Opening } from "./facts.ts";
import { actorOf, appendPatiently, type Log } from "./log.ts";
import { loadPolicy, type LoadedPolicy } from "./policy.ts";
import { computedOf, evidenceRefs, RECORD_VERSION, recordId, type DecisionInputs } from "./record.ts";

export interface DecideRequest {
  readonly project: Project;
  /** A policy's name or file. */
  readonly policy: string;
  /** An eval run's id, or `latest`. */
  readonly evalRun: string;
  /** Arms of that run; default `baseline` and its only other arm. */
  readonly baseline?: string;
  readonly candidate?: string;
  /** Another run that holds the baseline arm; default the same run. */
  readonly baselineRun?: string;
  readonly experiment?: string;
  readonly seed?: number;
}

/** A decision and the run it is stored in. */
export type Decided = Decision & { readonly run: string };

/**
 * Judges a candidate against a baseline under a policy and stores the decision as a run:
 * evidence opened and checked → facts gathered → computed → written once → recorded in the log.
 * The same evidence and policy give the same record, and a second call writes nothing.
 */
export async function decide(request: DecideRequest, effects: Effects = realEffects): Promise<Decided> {
  const { project, seed = 7 } = request;
  const loaded = await loadPolicy(project, request.policy, effects);
  const candidateId =
    request.evalRun === "latest" ? await latestRun(project, "eval", effects) : request.evalRun;
  const candidateRun = await openEvalRun(project, candidateId, effects);
  const isSameRun = request.baselineRun === undefined || request.baselineRun === candidateId;
  const baselineRun = isSameRun ? candidateRun : await openEvalRun(project, request.baselineRun, effects);
  const arms = chooseArms(request, candidateRun);
  const work: Work = {
    ...request,
    seed,
    loaded,
    arms,
    runs: { baseline: baselineRun, candidate: candidateRun },
  };
  const { facts, training } = await gatherFacts(work, effects);
  const run = await writeInputs(work, facts, effects);
  const resultPath = join(project.runs, run, "result.json");
  if (!(await effects.stat(resultPath))) {
    const runs = isSameRun ? [candidateRun] : [baselineRun, candidateRun];
    const refs = await evidenceRefs(
      project,
      { runs, training: training?.ref ?? null, decision: run },
      effects,
    );
    const computed = computedOf({ ...work, policy: loaded.policy, facts, refs });
    const decision = { schema: "workbench/decision@1", id: recordId(computed), computed };
    const envelope = await envelopeOf(project, effects);
    await writeOnce(resultPath, jsonText({ ...decision, envelope }), effects);
  }
  const decision = Decision.parse(await readJson(resultPath, effects));
  await recordVerdict(project, run, decision, effects);
  return { ...decision, run };
}

interface Work extends DecideRequest {
  readonly seed: number;
  readonly loaded: LoadedPolicy;
  readonly arms: { readonly baseline: string; readonly candidate: string };
  readonly runs: { readonly baseline: EvalRun; readonly candidate: EvalRun };
}

function chooseArms(request: DecideRequest, run: EvalRun): Work["arms"] {
  const baseline = request.baseline ?? "baseline";
  if (request.candidate !== undefined) return { baseline, candidate: request.candidate };
  const others = run.result.arms.map((arm) => arm.arm).filter((arm) => arm !== baseline);
  const [only] = others;
  if (only !== undefined && others.length === 1) return { baseline, candidate: only };
  throw new WorkbenchError({
    code: "WB_USAGE",
    where: `runs/${run.id}`,
    what: others.length === 0 ? "this run has no candidate arm" : "this run has several candidates",
    fix: `name one with --candidate: ${others.join(", ") || "none here"}`,
  });
}

/** Declares the policy and opens the evidence in the log, then asks what was known before that. */
async function gatherFacts(
  work: Work,
  effects: Effects,
): Promise<{ readonly facts: Facts; readonly training: Awaited<ReturnType<typeof trainingOf>> }> {
  const { project, loaded, runs, arms } = work;
  const evidence = {
    baseline: armOf(runs.baseline, arms.baseline),
    candidate: armOf(runs.candidate, arms.candidate),
  };
  const samples = [runs.baseline, runs.candidate].map(
    (run) => run.refs.find((ref) => ref.role === "samples")?.sha256 ?? "",
  );
  const opening: Opening = {
    suite: evidence.candidate.suite.sha256,
    samples: digestOf(samples),
    baseline: evidence.baseline.arm.digest,
    candidate: evidence.candidate.arm.digest,
    lineage: evidence.candidate.arm.run,
    policy: loaded.sha256,
  };
  const openKey = `opened:${digestOf(opening)}`;
  const log = await appendPatiently(
    project,
    () => [declaredEvent(loaded), { kind: "evidence.opened", key: openKey, data: { ...opening } }],
    effects,
  );
  const training = await trainingOf(project, evidence.candidate.arm.run, effects);
  const ranFor = runs.candidate.manifest.inputs["policySha256"];
  const results =
    runs.baseline === runs.candidate
      ? [runs.candidate.result]
      : [runs.baseline.result, runs.candidate.result];
  const checks = contextChecks({
    evidence,
    results,
    opening,
    policy: loaded.policy,
    ranFor: typeof ranFor === "string" ? ranFor : null,
    before: rowsBefore(log, openKey),
  });
  const cost = training && { usd: training.result.costUsd, seconds: training.result.seconds };
  return { facts: { schema: "workbench/decision-facts@1", checks: [...checks], training: cost }, training };
}

function rowsBefore(log: Log, key: string): Log["rows"] {
  const at = log.rows.findIndex((row) => row.key === key);
  return at < 0 ? log.rows : log.rows.slice(0, at);
}

function declaredEvent({ policy, sha256, file }: LoadedPolicy): {
  readonly kind: "policy.declared";
  readonly key: string;
  readonly data: Readonly<Record<string, unknown>>;
} {
  return { kind: "policy.declared", key: `policy:${sha256}`, data: { name: policy.name, sha256, file } };
}

/** Puts a policy on record before any evidence exists; the same policy again is no new row. */
export async function declarePolicy(
  project: Project,
  policy: string,
  effects: Effects = realEffects,
): Promise<LoadedPolicy> {
  const loaded = await loadPolicy(project, policy, effects);
  await appendPatiently(project, () => [declaredEvent(loaded)], effects);
  return loaded;
}

/** Writes manifest, policy and facts; the run's id is the digest of its inputs. */
async function writeInputs(work: Work, facts: Facts, effects: Effects): Promise<string> {
  const { project, loaded, runs, arms, seed } = work;
  const side = (name: "baseline" | "candidate"): DecisionInputs["baseline"] => ({
    run: runs[name].id,
    arm: arms[name],
    resultSha256: runs[name].refs.find((ref) => ref.role === "eval-result")?.sha256 ?? "",
  });
  const inputs: DecisionInputs = {
    recordVersion: RECORD_VERSION,
    policySha256: loaded.sha256,
    baseline: side("baseline"),
    candidate: side("candidate"),
    factsSha256: digestOf(facts),
    seed,
  };
  const name = `${loaded.policy.name}: ${arms.candidate} against ${arms.baseline}`;
  const experiment = work.experiment ?? runs.candidate.manifest.experiment;
  const { policy } = loaded;
  return writeDecisionInputs(project, { name, experiment, inputs, seed, policy, facts }, effects);
}

/** Who decided, when and with what; it cannot be computed again and is no part of the record's id. */
export async function envelopeOf(project: Project, effects: Effects): Promise<Decision["envelope"]> {
  const { commit } = await codeFacts(project.root, effects);
  const log = await appendPatiently(project, () => [], effects);
  return {
    at: effects.now().toISOString(),
    by: actorOf(effects),
    node: hostFacts().node,
    commit,
    logHead: log.head,
  };
}

/** Puts a decision on the log, its files by digest. */
export async function recordVerdict(
  project: Project,
  run: string,
  decision: Decision,
  effects: Effects,
): Promise<void> {
  const folder = join(project.runs, run);
  const { verdict, candidate, policy } = decision.computed;
  const { arm, digest, run: trained } = candidate;
  const data = {
    run,
    record: decision.id,
    verdict,
    resultSha256: (await hashFile(join(folder, "result.json"), effects)).sha256,
    manifestSha256: (await hashFile(join(folder, "manifest.json"), effects)).sha256,
    candidate: { arm, digest, run: trained },
    policySha256: policy.sha256,
  };
  const event = { kind: "verdict.recorded" as const, key: `verdict:${decision.id}`, data };
  await appendPatiently(project, () => [event], effects);
}
