import type { Fields } from "./formats/format.ts";
import type { JsonRecord } from "./parse.ts";

interface Node {
  readonly path: string;
  readonly verdict: string | null;
  readonly below: Map<string, Node>;
}

/** One line of the lossy-field report. */
export interface Lossy {
  readonly path: string;
  readonly rows: number;
  readonly what: string;
}

/** Sorts the members of records by what a format declares about them, and counts what it does not know. */
export interface FieldSorter {
  /** What no column takes, by path; null when there is nothing. */
  readonly extraOf: (record: JsonRecord) => Readonly<Record<string, unknown>> | null;
  readonly note: (path: string, what: string) => void;
  readonly report: () => readonly Lossy[];
}

const MAX_PATHS = 500;

export function fieldSorter(fields: Fields): FieldSorter {
  const root = treeOf(fields);
  const counts = new Map<string, { path: string; what: string; rows: number }>();
  const note = (path: string, what: string): void => {
    const id = `${path}\0${what}`;
    const known = counts.get(id);
    if (known) known.rows++;
    // Keys can be data: a log with a key per user must not grow the manifest without end.
    else if (counts.size < MAX_PATHS) counts.set(id, { path, what, rows: 1 });
    else note("(other paths)", what);
  };
  const walk = (value: unknown, { node, inherited, at, into }: Place): void => {
    const said = node?.verdict ?? inherited;
    const verdict = said === "listed" ? null : said;
    if (node && node.below.size > 0 && value !== null && typeof value === "object") {
      // A longer path says more about what lies below.
      const below = (name: string, at: string): Place => ({
        node: node.below.get(name),
        inherited: verdict,
        at,
        into,
      });
      if (Array.isArray(value)) value.forEach((item, i) => walk(item, below("[]", `${at}[${i}]`)));
      else for (const [key, member] of Object.entries(value)) walk(member, below(key, `${at}.${key}`));
      return;
    }
    if (value === null || value === undefined || verdict === "mapped" || verdict?.startsWith("dropped"))
      return;
    into[at] = value;
    if (verdict !== "extra") note(at.replace(/\[\d+\]/g, "[]"), "not declared, kept in extra");
  };
  return {
    extraOf: (record) => {
      const into = Object.create(null) as Record<string, unknown>;
      for (const [key, member] of Object.entries(record))
        walk(member, { node: root.below.get(key), inherited: null, at: key, into });
      return Object.keys(into).length === 0 ? null : into;
    },
    note,
    report: () => [...counts.values()].sort((a, b) => (`${a.path}${a.what}` < `${b.path}${b.what}` ? -1 : 1)),
  };
}

interface Place {
  readonly node: Node | undefined;
  /** What the nearest declared path above says. */
  readonly inherited: string | null;
  readonly at: string;
  readonly into: Record<string, unknown>;
}

function treeOf(fields: Fields): Node {
  interface Building {
    readonly path: string;
    verdict: string | null;
    readonly below: Map<string, Building>;
  }
  const make = (path: string): Building => ({ path, verdict: null, below: new Map() });
  const root = make("");
  for (const [path, verdict] of Object.entries(fields)) {
    let node = root;
    for (const key of path.replaceAll("[]", ".[]").split(".")) {
      const next = node.below.get(key) ?? make(path);
      node.below.set(key, next);
      node = next;
    }
    node.verdict = verdict;
  }
  return root;
}
