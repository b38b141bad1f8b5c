import { join } from "node:path";
import { quoted } from "../errors/printable.ts";
import { canonical } from "../schema/canonical.ts";
import type { Effects } from "../store/effects.ts";
import { scanJournal } from "../store/journal.ts";
import type { Project } from "../store/paths.ts";
import type { Measured } from "./answer.ts";
import { findRun } from "./list.ts";
import { eachRequest } from "./responses.ts";
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
  { run, sample }: { readonly run: string; readonly sample: string },
  effects: Effects,
): Promise<readonly Explained[]> {
  const { folder } = await findRun(project, run, effects);
  const [first] = await rowsOfSample(folder, sample, effects);
  const answers: (Measured & { readonly arm: string; readonly epoch: number })[] = [];
  await scanJournal(
    join(folder, "events.jsonl"),
    ({ kind, data }) => {
      const answer = data as (typeof answers)[number] & { readonly sampleId?: string };
      if (kind === "sample.scored" && answer.sampleId === first?.sampleId) answers.push(answer);
    },
    effects,
  );
  const asked = answers.flatMap((answer) => answer.trace.requests.map((request) => ({ answer, request })));
  const nearest = await nearestTo(new Set(asked.map(({ request }) => request)), project, effects);
  return asked.map(({ answer, request }) => explainOne(answer, request, nearest.get(request) ?? null));
}

function explainOne(
  { arm, epoch, trace }: Measured & { readonly arm: string; readonly epoch: number },
  request: string,
  nearest: string | null,
): Explained {
  const fromStore = trace.stored === trace.requests.length;
  const differsIn = fromStore ? null : nearest;
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

/**
 * For each of some requests, the first field that differs from the stored request with the most equal
 * fields. The store is read twice instead of held: once for the requests themselves, once to compare.
 */
async function nearestTo(
  keys: ReadonlySet<string>,
  project: Project,
  effects: Effects,
): Promise<ReadonlyMap<string, string>> {
  const own = new Map<string, Map<string, string>>();
  await eachRequest(
    project,
    (key, read) => {
      const request = keys.has(key) && !own.has(key) ? read() : null;
      if (request) own.set(key, fieldsOf(request));
    },
    effects,
  );
  const best = new Map<string, { readonly equal: number; readonly first: string }>();
  if (own.size === 0) return new Map();
  await eachRequest(
    project,
    (other, read) => {
      const request = read();
      const theirs = request ? fieldsOf(request) : new Map<string, string>();
      for (const [key, mine] of own) {
        if (key === other || !request) continue;
        const names = [...new Set([...mine.keys(), ...theirs.keys()])].sort();
        const different = names.filter((name) => mine.get(name) !== theirs.get(name));
        const equal = names.length - different.length;
        if (different[0] !== undefined && equal > (best.get(key)?.equal ?? 0))
          best.set(key, { equal, first: different[0] });
      }
    },
    effects,
  );
  return new Map([...best].map(([key, { first }]) => [key, first]));
}

/** Every leaf of a request by its path. */
function fieldsOf(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null) return new Map([[path, canonical(value)]]);
  const fields = new Map<string, string>();
  for (const [name, member] of Object.entries(value))
    for (const [at, text] of fieldsOf(member, path === "" ? name : `${path}.${name}`)) fields.set(at, text);
  return fields;
}
