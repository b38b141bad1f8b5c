import { join } from "node:path";
import { sha256 } from "../schema/canonical.ts";
import type { Suite, SuiteItem } from "../select/contamination.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";

/** A file of evaluation items, as the manifest names it. */
export interface SuiteFile extends Suite {
  readonly sha256: string;
}

/**
 * Reads the evaluation items that training rows may not repeat: every line of the JSON Lines files
 * that match `patterns` (paths inside the project, `*` within a folder, `**` across folders).
 */
export async function readSuites(
  project: Project,
  patterns: readonly string[],
  effects: Effects = realEffects,
): Promise<readonly SuiteFile[]> {
  const suites: SuiteFile[] = [];
  for (const file of await matching(project, patterns, effects)) {
    const bytes = await effects.read(join(project.root, file));
    const items = Buffer.from(bytes)
      .toString("utf8")
      .split("\n")
      .flatMap((line, at): SuiteItem[] => {
        const text = questionOf(line);
        return text === null ? [] : [{ id: `${file}:${at + 1}`, text }];
      });
    suites.push({ suite: file, sha256: sha256(bytes), items });
  }
  return suites;
}

const FIELDS = ["input", "messages", "prompt", "question", "instruction", "text", "task_text"];

/** What an item asks: its first text among the usual members, of messages the user turns. Null for header lines. */
export function questionOf(line: string): string | null {
  let item: unknown;
  try {
    item = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof item !== "object" || item === null) return null;
  for (const field of FIELDS) {
    const text = textOf((item as Readonly<Record<string, unknown>>)[field]);
    if (text !== null && text.trim() !== "") return text;
  }
  return null;
}

function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) {
    const turns = value.filter(
      (turn): turn is { role: unknown; content: string } =>
        typeof turn === "object" &&
        turn !== null &&
        typeof (turn as { content?: unknown }).content === "string",
    );
    const asked = turns.filter((turn) => turn.role === "user");
    return asked.length === 0 ? null : asked.map((turn) => turn.content).join("\n");
  }
  if (typeof value !== "object" || value === null) return null;
  const inner = value as Readonly<Record<string, unknown>>;
  return FIELDS.map((field) => textOf(inner[field])).find((text) => text !== null) ?? null;
}

async function matching(
  project: Project,
  patterns: readonly string[],
  effects: Effects,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const folder = fixedPart(pattern);
    const test = regexOf(pattern);
    for await (const file of filesBelow(project.root, folder, effects)) if (test.test(file)) found.add(file);
  }
  return [...found].sort();
}

/** The folders of a pattern before its first wildcard: `evals/data/*.jsonl` → `evals/data`. */
function fixedPart(pattern: string): string {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== "." && part !== "..");
  const first = parts.findIndex((part) => part.includes("*"));
  return parts.slice(0, first === -1 ? parts.length - 1 : first).join("/");
}

function regexOf(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replace(/\*\*\/|\*\*|\*/g, (stars) => (stars === "**/" ? "(?:.*/)?" : stars === "**" ? ".*" : "[^/]*"));
  return new RegExp(`^${source}$`);
}

async function* filesBelow(root: string, folder: string, effects: Effects): AsyncGenerator<string> {
  for (const name of await effects.list(join(root, folder))) {
    if (name.startsWith(".") || name === "node_modules") continue;
    const path = folder === "" ? name : `${folder}/${name}`;
    const info = await effects.stat(join(root, path));
    if (info?.isDirectory) yield* filesBelow(root, path, effects);
    else if (info?.isFile) yield path;
  }
}
