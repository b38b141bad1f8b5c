import { cpus, totalmem } from "node:os";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";

const PAGE = join(import.meta.dirname, "../../docs/benchmarks.md");

/** The machine as a reader needs it to judge a figure: processor, cores, memory, Node. */
export function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() || "processor not named by its system";
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} cores (${model}), ${gigabytes} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

/** Replaces the text between `<!-- name -->` and `<!-- /name -->` in docs/benchmarks.md. */
export async function writePart(name: string, markdown: string): Promise<void> {
  const page = await readFile(PAGE, "utf8");
  const open = `<!-- ${name} -->`;
  const close = `<!-- /${name} -->`;
  const from = page.indexOf(open);
  const to = page.indexOf(close);
  if (from < 0 || to < from) throw new Error(`${PAGE} has no part between ${open} and ${close}`);
  const text = `${page.slice(0, from + open.length)}\n\n${markdown.trim()}\n\n${page.slice(to)}`;
  await writeFile(PAGE, await format(text, { parser: "markdown", printWidth: 110 }));
}
