import type { FLAKY_CLASSES, FlakyRun } from "../../workbench/evaluate/qe/task.ts";
import { seeded, type Random } from "../../workbench/stats/random.ts";

type Class = (typeof FLAKY_CLASSES)[number];
type Field = "after" | "hour" | "workers" | "host" | "seed" | "commit";

/** A history whose cause is known, because it was made from it. */
export interface History {
  readonly test: string;
  readonly runs: readonly FlakyRun[];
  readonly class: Class;
  readonly field: Field | null;
  readonly values: readonly string[];
}

/** How many runs, how sure a failure is where its cause holds, and how much else goes together with it. */
const SHAPE = {
  easy: { runs: 24, sure: 1 },
  medium: { runs: 30, sure: 0.85 },
  hard: { runs: 36, sure: 0.65 },
} as const;

const TESTS = [
  "checkout_total",
  "login_redirect",
  "report_export",
  "search_rank",
  "cart_merge",
  "invoice_mail",
];
const NEIGHBOURS = ["cache_warm", "user_seed", "menu_render", "price_rules", "queue_drain"];
const SEEDS = [1093, 2207, 3361, 4457, 5519, 6673];
const HOSTS = ["mirror-1", "mirror-2", "mirror-3"];

/**
 * Draws a history. What else is logged varies freely, so it explains nothing; a draw in which some other
 * column explains the failures as well as the cause does is thrown away and drawn again.
 */
export function simulate(cause: Class, difficulty: keyof typeof SHAPE, seed: string): History {
  for (let draw = 0; draw < 1000; draw++) {
    const random = seeded(`${seed}/${draw}`);
    const history = drawOnce(cause, SHAPE[difficulty], random);
    if (isTold(history)) return history;
  }
  throw new Error(`no history of ${cause} can be told apart (${seed})`);
}

function drawOnce(
  cause: Class,
  { runs: count, sure }: (typeof SHAPE)[keyof typeof SHAPE],
  random: Random,
): History {
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)] as T;
  const bad = {
    after: pick(NEIGHBOURS),
    hours: random.below(22),
    workers: 3 + random.below(3),
    host: pick(HOSTS),
    seed: pick(SEEDS),
    since: Math.floor(count / 2) + random.below(6),
  };
  const commits = Array.from({ length: count }, () =>
    random
      .below(2 ** 28)
      .toString(16)
      .padStart(7, "0"),
  );
  const runs: FlakyRun[] = [];
  let commit = 0;
  for (let run = 1; run <= count; run++) {
    if (run === bad.since || random.uniform() < 0.35) commit = run;
    const made = {
      run,
      commit: commits[commit] ?? "",
      hour: random.below(24),
      workers: 1 + random.below(6),
      after: pick(NEIGHBOURS),
      host: pick(HOSTS),
      seed: pick(SEEDS),
    };
    const holds: Record<Class, boolean> = {
      order: made.after === bad.after,
      time: made.hour === bad.hours || made.hour === bad.hours + 1 || made.hour === bad.hours + 2,
      concurrency: made.workers >= bad.workers,
      network: made.host === bad.host,
      randomness: made.seed === bad.seed,
      failure: run >= bad.since,
      stable: false,
    };
    const isCertain = cause === "failure" || cause === "randomness";
    runs.push({ ...made, passed: !(holds[cause] && (isCertain || random.uniform() < sure)) });
  }
  return { test: pick(TESTS), runs, ...truthOf(cause, runs, bad) };
}

function truthOf(
  cause: Class,
  runs: readonly FlakyRun[],
  bad: { readonly after: string; readonly workers: number; readonly host: string },
): Pick<History, "class" | "field" | "values"> {
  const failed = runs.filter(({ passed }) => !passed);
  const of = (field: Field): readonly string[] => [...new Set(failed.map((run) => String(run[field])))];
  const least = Math.min(...failed.map(({ workers }) => workers));
  const truth: Record<Class, { field: Field | null; values: readonly string[] }> = {
    order: { field: "after", values: [bad.after] },
    time: { field: "hour", values: of("hour") },
    concurrency: { field: "workers", values: [...new Set([String(bad.workers), String(least)])] },
    network: { field: "host", values: [bad.host] },
    randomness: { field: "seed", values: of("seed") },
    failure: { field: "commit", values: failed.slice(0, 1).map(({ commit }) => commit) },
    stable: { field: null, values: [] },
  };
  return { class: cause, ...truth[cause] };
}

/** The rules that a reader may try, with the runs that each would blame. */
function rules(runs: readonly FlakyRun[]): ReadonlyMap<string, readonly (readonly FlakyRun[])[]> {
  const where = (test: (run: FlakyRun) => boolean): readonly FlakyRun[] => runs.filter(test);
  return new Map([
    ["order", NEIGHBOURS.map((name) => where(({ after }) => after === name))],
    ["network", HOSTS.map((name) => where(({ host }) => host === name))],
    ["concurrency", [2, 3, 4, 5, 6].map((least) => where(({ workers }) => workers >= least))],
    ["time", Array.from({ length: 22 }, (_, from) => where(({ hour }) => hour >= from && hour <= from + 2))],
    ["randomness", SEEDS.map((one) => where(({ seed }) => seed === one))],
    ["failure", runs.map(({ run: from }) => where(({ run }) => run >= from))],
  ]);
}

/**
 * True where enough runs fail and pass, and the best rule of the true class blames fewer passing runs,
 * by at least two, than any rule of another class that also blames every failure.
 */
function isTold({ runs, class: cause }: History): boolean {
  const failed = runs.filter(({ passed }) => !passed);
  if (cause === "stable") return failed.length === 0;
  if (failed.length < 4 || failed.length > runs.length - 6) return false;
  const cost = (blamed: readonly FlakyRun[]): number =>
    failed.every((run) => blamed.includes(run)) ? blamed.length - failed.length : Infinity;
  const best = new Map([...rules(runs)].map(([name, list]) => [name, Math.min(...list.map(cost))]));
  const own = best.get(cause) ?? Infinity;
  return [...best].every(([name, other]) => name === cause || other >= own + 2) && own < Infinity;
}
