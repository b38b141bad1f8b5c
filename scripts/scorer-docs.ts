/** Writes the table of docs/scorers.md from the scorers' own docstrings: `node scripts/scorer-docs.ts`. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";

const ROOT = join(import.meta.dirname, "..");
export const PAGE = join(ROOT, "docs", "scorers.md");
const FOLDERS = ["scorers", "scorers/code", "judges", "human", "qe"].map((name) =>
  join(ROOT, "workbench/evaluate", name),
);
const [OPEN, CLOSE] = ["<!-- scorers: made by scripts/scorer-docs.ts -->", "<!-- /scorers -->"];

interface Described {
  readonly name: string;
  readonly value: string;
  readonly use: string;
  readonly not: string;
  readonly worked: string;
}

/** The page as it must be now. */
export async function scorerDocs(): Promise<string> {
  const page = await readFile(PAGE, "utf8");
  const [before = "", rest = ""] = page.split(OPEN);
  const after = rest.split(CLOSE)[1] ?? "";
  const lines = (await described()).map(
    ({ name, value, use, not, worked }) =>
      `| ${[`\`${name}\``, value, use, not, worked].map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`,
  );
  const head =
    "| scorer | what it gives | when to use | when not | worked value |\n| --- | --- | --- | --- | --- |";
  const text = `${before}${OPEN}\n\n${head}\n${lines.join("\n")}\n\n${CLOSE}${after}`;
  return format(text, { ...(await resolveConfig(PAGE)), parser: "markdown" });
}

/** Every exported function that gives a scorer, with what its docstring says. */
export async function described(): Promise<readonly Described[]> {
  const found: Described[] = [];
  for (const folder of FOLDERS)
    for (const file of (await readdir(folder)).filter((name) => /(?<!\.test)\.ts$/.test(name)).sort())
      found.push(...scorersIn(await readFile(join(folder, file), "utf8")));
  return found;
}

const NO_SCORERS: ReadonlySet<string> = new Set(["defineScorer", "namedScorer", "boundTo"]);

function scorersIn(source: string): readonly Described[] {
  const found: Described[] = [];
  for (const match of source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport function (\w+)\(/g)) {
    const [whole, doc = "", name = ""] = match;
    const [signature = ""] = source.slice(match.index + whole.length).split(/\n(?:export|\/\*\*)/);
    if (NO_SCORERS.has(name) || !/^[^;]*?\): Scorer \{/.test(signature)) continue;
    const text = doc
      .replace(/^\s*\* ?/gm, " ")
      .replace(/\s+/g, " ")
      .trim();
    const part = (after: string): string | undefined =>
      new RegExp(`${after}: (.*?)(?= (?:When (?:not )?to use|Source|Worked value): | @throws|$)`).exec(
        text,
      )?.[1];
    const last = found.at(-1);
    found.push({
      name,
      value: text.split(/ (?:When to use|Source|Worked value): /)[0] ?? "",
      use: part("When to use") ?? last?.use ?? "",
      not: part("When not to use") ?? last?.not ?? "",
      worked: part("Worked value") ?? "",
    });
  }
  return found;
}

if (import.meta.main) await writeFile(PAGE, await scorerDocs());
