import type { Fields } from "./formats/format.ts";
import type { Lossy, Notes } from "./notes.ts";
import { fieldNotes } from "./notes.ts";
import type { JsonRecord } from "./parse.ts";

interface Node {
  readonly verdict: string | null;
  /** Whether what lies here and has no node of its own goes to a column or is dropped, by the nearest verdict. */
  readonly isTaken: boolean;
  readonly below: Map<string, Node>;
}

export type { Lossy };

/** Sorts the members of records by what a format declares about them, and notes what it does not know. */
export interface FieldSorter extends Notes {
  /** What no column takes, by path; null when there is nothing. */
  readonly extraOf: (record: JsonRecord) => Readonly<Record<string, unknown>> | null;
}

export function fieldSorter(fields: Fields): FieldSorter {
  const root = treeOf(fields);
  const notes = fieldNotes();
  // Most records hold nothing that is not declared: seeing that needs no paths.
  const isCovered = (value: unknown, node: Node): boolean => {
    if (node.below.size === 0 || value === null || typeof value !== "object")
      return node.isTaken || value === null || value === undefined;
    if (Array.isArray(value)) {
      const element = node.below.get("[]");
      return value.every((item) => isChildCovered(item, element, node));
    }
    const record = value as JsonRecord;
    for (const name in record) if (!isChildCovered(record[name], node.below.get(name), node)) return false;
    return true;
  };
  const isChildCovered = (value: unknown, child: Node | undefined, parent: Node): boolean =>
    child ? isCovered(value, child) : parent.isTaken || value === null || value === undefined;
  const walk = (value: unknown, { node, inherited, at, into }: Place): void => {
    const verdict = settled(node?.verdict ?? inherited);
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
    if (value === null || value === undefined || isTaking(verdict)) return;
    into[at] = value;
    if (verdict !== "extra") notes.note(at.replace(/\[\d+\]/g, "[]"), "not declared, kept in extra");
  };
  return {
    ...notes,
    extraOf: (record) => {
      if (isCovered(record, root)) return null;
      const into = Object.create(null) as Record<string, unknown>;
      for (const [key, member] of Object.entries(record))
        walk(member, { node: root.below.get(key), inherited: null, at: key, into });
      return Object.keys(into).length === 0 ? null : into;
    },
  };
}

interface Place {
  readonly node: Node | undefined;
  /** What the nearest declared path above says. */
  readonly inherited: string | null;
  readonly at: string;
  readonly into: Record<string, unknown>;
}

/** "listed" takes back what stands above it. */
const settled = (verdict: string | null): string | null => (verdict === "listed" ? null : verdict);

const isTaking = (verdict: string | null): boolean =>
  verdict === "mapped" || verdict?.startsWith("dropped") === true;

function treeOf(fields: Fields): Node {
  interface Building {
    verdict: string | null;
    readonly below: Map<string, Building>;
  }
  const root: Building = { verdict: null, below: new Map() };
  for (const [path, verdict] of Object.entries(fields)) {
    let node = root;
    for (const key of path.replaceAll("[]", ".[]").split(".")) {
      const next: Building = node.below.get(key) ?? { verdict: null, below: new Map() };
      node.below.set(key, next);
      node = next;
    }
    node.verdict = verdict;
  }
  const built = (node: Building, inherited: string | null): Node => {
    const verdict = settled(node.verdict ?? inherited);
    const below = new Map([...node.below].map(([name, child]) => [name, built(child, verdict)]));
    return { verdict: node.verdict, isTaken: isTaking(verdict), below };
  };
  return built(root, null);
}
