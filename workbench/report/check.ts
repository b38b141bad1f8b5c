import { dirname, join, posix } from "node:path";
import { gzipSync } from "node:zlib";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { hashFile } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import { filesBelow, readText } from "./files.ts";
import { tagsOf } from "./tags.ts";

export interface CheckRequest {
  readonly project: Project;
  readonly dist: string;
}

/** What is wrong with a built site, page by page, and what its pages weigh. */
export interface CheckReport {
  readonly faults: readonly { readonly page: string; readonly what: string }[];
  /** Pages whose evidence has changed since they were built. */
  readonly stale: readonly { readonly page: string; readonly path: string }[];
  /** Bytes over the wire (gzip) of a page with every file it loads before a click. */
  readonly weights: Readonly<Record<string, number>>;
}

const BUDGET_BYTES = [
  [/^(index|overview|cost)\.html$/, 60_000],
  [/^experiments\//, 60_000],
  [/^(runs|datasets)\//, 120_000],
] as const;

/** Checks a built site without a browser: errors in cells, dead links, outside addresses, policy, weight, freshness. */
export async function checkReport(
  { project, dist }: CheckRequest,
  effects: Effects = realEffects,
): Promise<CheckReport> {
  const files = new Set(await filesBelow(dist, effects));
  const faults: { page: string; what: string }[] = [];
  const stale: { page: string; path: string }[] = [];
  const weights: Record<string, number> = {};
  for (const page of [...files].filter((path) => path.endsWith(".html"))) {
    const text = await readText(join(dist, page), effects);
    faults.push(...pageFaults(page, text, files).map((what) => ({ page, what })));
    for (const path of await staleEvidence(project, text, effects)) stale.push({ page, path });
    const weight = await weigh(dist, page, text, files, effects);
    weights[page] = weight;
    const limit = BUDGET_BYTES.find(([pattern]) => pattern.test(page))?.[1] ?? Infinity;
    if (weight > limit)
      faults.push({ page, what: `weighs ${weight} bytes, more than its budget of ${limit}` });
  }
  return { faults, stale, weights };
}

function pageFaults(page: string, text: string, files: ReadonlySet<string>): readonly string[] {
  const faults: string[] = [];
  if (text.includes("observablehq--error")) faults.push("a cell failed while it was built");
  if (!text.includes("Content-Security-Policy")) faults.push("has no content security policy");
  for (const url of linksOf(text)) {
    if (/^(?:https?:)?\/\//.test(url)) faults.push(`names an outside address: ${url}`);
    else if (!/^(?:#|data:|mailto:)/.test(url) && !isThere(page, url, files))
      faults.push(`has a dead link: ${url}`);
  }
  for (const [, url = ""] of text.matchAll(/(?:from|import)\s*"((?:https?:)?\/\/[^"]*)"/g))
    faults.push(`imports from outside: ${url}`);
  return faults;
}

function isThere(page: string, url: string, files: ReadonlySet<string>): boolean {
  const path = decodeURI(url.split(/[?#]/)[0] ?? "");
  const at = posix
    .normalize(path.startsWith("/") ? path.slice(1) : posix.join(dirname(page), path))
    .replace(/\/$/, "");
  return at === "." || [at, `${at}.html`, posix.join(at, "index.html")].some((name) => files.has(name));
}

async function staleEvidence(project: Project, text: string, effects: Effects): Promise<readonly string[]> {
  const stale: string[] = [];
  for (const { attributes } of tagsOf(text)) {
    const [digest, path] = [attributes.get("data-evidence"), attributes.get("data-path")];
    if (digest === undefined || path === undefined) continue;
    const file = join(project.root, path);
    const now = (await effects.stat(file)) ? (await hashFile(file, effects)).sha256 : null;
    if (now !== digest) stale.push(path);
  }
  return stale;
}

function linksOf(text: string): readonly string[] {
  return tagsOf(text).flatMap(({ attributes }) =>
    ["src", "href"].map((name) => attributes.get(name)).filter((url) => url !== undefined),
  );
}

/** The page, its styles and the scripts it loads at once, gzipped; attachments of samples apart. */
async function weigh(
  dist: string,
  page: string,
  text: string,
  files: ReadonlySet<string>,
  effects: Effects,
): Promise<number> {
  const wanted = new Set<string>([page]);
  for (const url of linksOf(text)) {
    if (!/_(?:observablehq|import|npm|node)/.test(url)) continue;
    const at = posix.normalize(posix.join(dirname(page), url.split(/[?#]/)[0] ?? ""));
    if (files.has(at)) wanted.add(at);
  }
  let bytes = 0;
  for (const path of wanted) bytes += gzipSync(await effects.read(join(dist, path))).byteLength;
  return bytes;
}
