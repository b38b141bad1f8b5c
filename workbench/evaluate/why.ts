import { join } from "node:path";
import { quoted } from "../errors/printable.ts";
import { canonical } from "../schema/canonical.ts";
import type { Effects } from "../store/effects.ts";
import { scanJournal } from "../store/journal.ts";
import type { Project } from "../store/paths.ts";
import type { Measured } from "./answer.ts";
import { findRun } from "./list.ts";
import { storedRequests, type StoredRequest } from "./responses.ts";
import { rowsOfSample } from "./show.ts";

/** Where one call of a sample's answer came from. */
export interface Explained {
  readonly arm: string;
  readonly epoch: number;
  readonly request: string;
  readonly fromStore: boolean;
  /** The first field in which the nearest other stored request differs; null where there is none. */
  readonly differsIn: string | null;
  readonly sentence: string;
}

/**
 * Says for each call of a sample whether it came from the store and, where it was asked anew, which
 * field of the nearest stored request was another.
 */
export async function explain(
  project: Project,
  asked: { readonly run: string; readonly sample: string },
  effects: Effects,
): Promise<readonly Explained[]> {
  const { folder } = await findRun(project, asked.run, effects);
  const [first] = await rowsOfSample(folder, asked.sample, effects);
  const answers: (Measured & { readonly arm: string; readonly epoch: number })[] = [];
  await scanJournal(
    join(folder, "events.jsonl"),
    ({ kind, data }) => {
      const answer = data as (typeof answers)[number] & { readonly sampleId?: string };
      if (kind === "sample.scored" && answer.sampleId === first?.sampleId) answers.push(answer);
    },
    effects,
  );
  const stored = new Map<string, StoredRequest>();
  for await (const { key, request } of storedRequests(project, effects)) stored.set(key, request);
  return answers.flatMap((answer) =>
    answer.trace.requests.map((request) => explainOne(answer, request, stored)),
  );
}

function explainOne(
  { arm, epoch, trace }: Measured & { readonly arm: string; readonly epoch: number },
  request: string,
  stored: ReadonlyMap<string, StoredRequest>,
): Explained {
  const fromStore = trace.stored === trace.requests.length;
  const own = stored.get(request);
  const differsIn = own && !fromStore ? nearestDifference(request, own, stored) : null;
  const at = `${arm}, epoch ${epoch}, request ${request.slice(0, 12)}`;
  return {
    arm,
    epoch,
    request,
    fromStore,
    differsIn,
    sentence: fromStore
      ? `${at}: answered from the store`
      : differsIn === null
        ? `${at}: asked; nothing like it was stored`
        : `${at}: asked; the nearest stored request differs first in ${quoted(differsIn)}`,
  };
}

/** The first field that differs from the stored request with the most equal fields. */
function nearestDifference(
  key: string,
  own: StoredRequest,
  stored: ReadonlyMap<string, StoredRequest>,
): string | null {
  const mine = fieldsOf(own);
  let best: { readonly equal: number; readonly first: string } | null = null;
  for (const [other, request] of stored) {
    if (other === key) continue;
    const theirs = fieldsOf(request);
    const names = [...new Set([...mine.keys(), ...theirs.keys()])].sort();
    const different = names.filter((name) => mine.get(name) !== theirs.get(name));
    const equal = names.length - different.length;
    if (different[0] !== undefined && equal > (best?.equal ?? 0)) best = { equal, first: different[0] };
  }
  return best?.first ?? null;
}

/** Every leaf of a request by its path. */
function fieldsOf(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null) return new Map([[path, canonical(value)]]);
  const fields = new Map<string, string>();
  for (const [name, member] of Object.entries(value))
    for (const [at, text] of fieldsOf(member, path === "" ? name : `${path}.${name}`)) fields.set(at, text);
  return fields;
}
