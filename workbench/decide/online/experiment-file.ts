import { join } from "node:path";
import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import { digestOf } from "../../schema/canonical.ts";
import { Experiment } from "../../schema/experiment.ts";
import type { Policy } from "../../schema/policy.ts";
import { Name } from "../../schema/names.ts";
import { jsonText, writeOnce } from "../../store/atomic.ts";
import type { Effects } from "../../store/effects.ts";
import { realEffects } from "../../store/effects.ts";
import type { Project } from "../../store/paths.ts";
import { readAs } from "../../store/read-json.ts";
import { decisionOf } from "../decision-files.ts";
import { integrity } from "../integrity.ts";
import { appendPatiently, readLog, type Log } from "../log.ts";
import { metricName } from "../metric.ts";
import { loadPolicy } from "../policy.ts";
import { ONLINE_METRICS, onlineMetric } from "./metrics.ts";

export interface CreateRequest {
  readonly project: Project;
  readonly name: string;
  readonly policy: string;
  /** The offline decision that opens it: its arms become the experiment's. */
  readonly decision?: string;
  /** Names of the arms where there is no offline decision. */
  readonly baseline?: string;
  readonly candidate?: string;
  /** ISO time before which exposures do not count; default now. */
  readonly startsAt?: string;
}

const experimentsFolder = (project: Project): string => join(project.evals, "experiments");
const pathOf = (project: Project, name: string): string => join(experimentsFolder(project), `${name}.json`);

/**
 * Writes `evals/experiments/<name>.json` with the policy inside and pins its digest in the log. The same
 * request again changes nothing; another one under the same name is refused: an experiment is not edited.
 */
export async function createExperiment(
  request: CreateRequest,
  effects: Effects = realEffects,
): Promise<Experiment> {
  const { project } = request;
  const name = nameOf(request.name);
  const { policy, sha256 } = await loadPolicy(project, request.policy, effects);
  refuseUnit(policy.online.unit);
  refuseMetrics(policy);
  const { arms, offline } = await armsOf(request, effects);
  const there = (await effects.stat(pathOf(project, name)))
    ? await openExperiment(project, name, effects)
    : null;
  const createdAt = there?.createdAt ?? effects.now().toISOString();
  const experiment: Experiment = {
    schema: "workbench/experiment@1",
    name,
    policy,
    policySha256: sha256,
    salt: policy.online.salt ?? name,
    ...arms,
    offline,
    createdAt,
    startsAt: new Date(request.startsAt ?? there?.startsAt ?? createdAt).toISOString(),
  };
  await refuseSharedSalt(project, experiment, effects);
  if (there !== null && digestOf(there) !== digestOf(experiment))
    throw usage(
      "evals/experiments",
      `the experiment ${name} is there with other rules or arms`,
      "choose another name: what runs is not edited",
    );
  await writeOnce(pathOf(project, name), jsonText(experiment), effects);
  const data = {
    experiment: name,
    sha256: digestOf(experiment),
    policySha256: sha256,
    looks: { ...policy.looks },
  };
  const declared = { name: policy.name, sha256, file: request.policy };
  await appendPatiently(
    project,
    () => [
      { kind: "policy.declared", key: `policy:${sha256}`, data: declared },
      { kind: "experiment.created", key: `experiment:${name}`, data },
    ],
    effects,
  );
  return experiment;
}

/** Reads an experiment; a file that is not the one the log pinned is exit 6. */
export async function openExperiment(
  project: Project,
  name: string,
  effects: Effects = realEffects,
  log?: Log,
): Promise<Experiment> {
  const path = pathOf(project, nameOf(name));
  if (!(await effects.stat(path)))
    throw new WorkbenchError({
      code: "WB_FILE_MISSING",
      where: `evals/experiments/${name}.json`,
      what: "there is no such experiment",
      fix: `experiments here: ${(await experimentNames(project, effects)).join(", ") || "none; workbench experiment create"}`,
    });
  const experiment = await readAs(Experiment, path, effects);
  const { rows } = log ?? (await readLog(project, effects));
  const row = rows.find((one) => one.kind === "experiment.created" && one.data["experiment"] === name);
  if (row && row.data["sha256"] !== digestOf(experiment))
    throw integrity(
      path,
      "this is not the experiment that the log pinned",
      "an experiment's rules stand before its data",
    );
  return experiment;
}

export async function experimentNames(project: Project, effects: Effects): Promise<readonly string[]> {
  const files = await effects.list(experimentsFolder(project));
  return files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length));
}

/** Every experiment of the project, each checked against the log. */
export async function readExperiments(project: Project, effects: Effects): Promise<readonly Experiment[]> {
  const log = await readLog(project, effects);
  const found: Experiment[] = [];
  for (const name of await experimentNames(project, effects))
    found.push(await openExperiment(project, name, effects, log));
  return found;
}

type Arms = Pick<Experiment, "baseline" | "candidate">;

async function armsOf(
  { project, decision, baseline, candidate }: CreateRequest,
  effects: Effects,
): Promise<{ readonly arms: Arms; readonly offline: Experiment["offline"] }> {
  if (decision === undefined) {
    if (baseline === undefined || candidate === undefined)
      throw usage(
        "experiment create",
        "the arms are not named",
        "--decision <offline go>, or --baseline <model> and --candidate <model>",
      );
    const arm = (model: string): Arms["baseline"] => ({ model, digest: digestOf({ model }), run: null });
    return { arms: { baseline: arm(baseline), candidate: arm(candidate) }, offline: null };
  }
  const { run, decision: record } = await decisionOf(project, decision, effects);
  const { computed, id } = record;
  if (computed.verdict !== "go")
    throw usage(
      `runs/${run}`,
      `the offline verdict is ${computed.verdict}`,
      "only an offline go opens an experiment on live traffic",
    );
  const arm = ({ arm: model, digest, run: trained }: typeof computed.baseline): Arms["baseline"] => ({
    model,
    digest,
    run: trained,
  });
  return {
    arms: { baseline: arm(computed.baseline), candidate: arm(computed.candidate) },
    offline: { run, record: id },
  };
}

/** Two experiments with one salt put the same people into the same arms. */
async function refuseSharedSalt(
  project: Project,
  { name, salt }: Experiment,
  effects: Effects,
): Promise<void> {
  for (const other of await readExperiments(project, effects))
    if (other.name !== name && other.salt === salt)
      throw usage(
        "online.salt",
        `the experiment ${other.name} has the salt ${quoted(salt)} already`,
        "give each experiment a salt of its own",
      );
}

/** Units that the stored interactions can be told apart by. */
export const UNITS = ["user", "conversation"] as const;

function refuseUnit(unit: string): void {
  if (!UNITS.some((known) => known === unit))
    throw usage(
      "online.unit",
      `${quoted(unit)} cannot be randomised and analysed here (unit-mismatch)`,
      `one of ${UNITS.join(", ")}; a request is never a unit`,
    );
}

/** A rule on a metric that no call carries could never be met. */
function refuseMetrics({ primary, guardrails, floors }: Policy): void {
  for (const { metric } of [primary, ...guardrails, ...floors])
    if (onlineMetric(metricName(metric).field) === null)
      throw usage(
        "experiment create",
        `logged calls carry no ${quoted(metric)}`,
        `a policy of ${Object.keys(ONLINE_METRICS).join(", ")}`,
      );
}

function nameOf(name: string): string {
  const parsed = Name.safeParse(name);
  if (parsed.success) return parsed.data;
  throw usage("experiment", `${quoted(name)} is no name`, "a-z, 0-9 and -, at most 63 long");
}

function usage(where: string, what: string, fix: string): WorkbenchError {
  return new WorkbenchError({ code: "WB_USAGE", where, what, fix });
}
