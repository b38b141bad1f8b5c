// Recall and precision of redaction for each kind of entity:
//   node scripts/privacy-figures.ts            prints the table, and every case that went wrong
//   node scripts/privacy-figures.ts --write    puts the table into docs/privacy.md
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import type { Fared } from "../workbench/redact/testing/measure.ts";
import { measure } from "../workbench/redact/testing/measure.ts";

const PAGE = join(import.meta.dirname, "../docs/privacy.md");
const [generated, hard] = [measure("generated"), measure("hard")];

const cell = (fared: Fared | undefined): string =>
  fared
    ? `${fared.found} of ${fared.values} | ${fared.replaced} of ${fared.lookalikes} | ${precision(fared)}`
    : "– | – | –";
const precision = ({ found, replaced }: Fared): string =>
  found + replaced === 0 ? "–" : (found / (found + replaced)).toFixed(3);

const table = [
  "| kind | generated: found | look-alikes replaced | precision | by hand: found | look-alikes replaced | precision |",
  "| --- | --- | --- | --- | --- | --- | --- |",
  ...[...new Set([...generated, ...hard].map(({ kind }) => kind))].map((kind) => {
    const of = (set: readonly Fared[]): string => cell(set.find((one) => one.kind === kind));
    return `| \`${kind}\` | ${of(generated)} | ${of(hard)} |`;
  }),
].join("\n");
const total = (set: readonly Fared[]): number =>
  set.reduce((sum, one) => sum + one.values + one.lookalikes, 0);
const wrongs = hard.flatMap(({ kind, missed, wrong }) => [
  ...missed.map((text) => `- missed ${kind}: \`${visible(text)}\``),
  ...wrong.map((text) => `- replaced though it is none, ${kind}: \`${visible(text)}\``),
]);
const part = `${total(generated)} generated values and ${total(hard)} cases by hand.\n\n${table}\n\nWhat went wrong by hand:\n\n${wrongs.join("\n")}`;

function visible(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (char) =>
    /\p{L}|\p{N}/u.test(char) ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

console.log(part);
for (const { kind, missed, wrong } of generated)
  for (const text of [...missed, ...wrong].slice(0, 3)) console.log(`generated, ${kind}: ${text}`);
if (process.argv.includes("--write")) {
  const page = await readFile(PAGE, "utf8");
  const [before, rest = ""] = page.split("<!-- figures -->");
  const after = rest.split("<!-- /figures -->")[1] ?? "";
  const text = `${before}<!-- figures -->\n\n${part}\n\n<!-- /figures -->${after}`;
  await writeFile(PAGE, await format(text, { parser: "markdown", printWidth: 110 }));
}
