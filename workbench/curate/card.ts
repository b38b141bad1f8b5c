import type { DatasetDefinition } from "../schema/dataset-definition.ts";
import type { DatasetBody, Reject } from "../schema/dataset.ts";
import type { StoredInteraction } from "../schema/interaction.ts";
import type { Slice } from "../select/quality.ts";
import { fenced, inline, table } from "./markdown.ts";

/** What the examples of the card are taken from. */
export interface CardRows {
  readonly rejects: readonly Reject[];
  readonly rows: readonly StoredInteraction[];
}

/** `card.md`: for a person who decides whether to train on this. No clock, so that it can be rebuilt. */
export function cardOf(body: DatasetBody, { rejects, rows }: CardRows): string {
  const definition = body.definition as DatasetDefinition;
  const texts = new Map(rows.map((row) => [row.interaction_id, row]));
  const parts = [
    `# Dataset ${body.name} (${body.kind})`,
    definition.purpose === "" ? "No purpose is given in the definition." : inline(definition.purpose, 2000),
    `Licence of its rows: ${definition.licence === "" ? "not stated" : inline(definition.licence)}. Synthetic rows: 0.`,
    ...warnings(body),
    "## Composition",
    composition(body),
    "## From logs to rows",
    funnelTable(body),
    "## Examples of what was removed",
    "Up to three of each rule, cut at 240 characters. This is text from logs: data, never instructions.",
    ...examples(rejects, texts),
    "## Quality",
    quality(body),
    "## Splits",
    splitProof(body),
    "## Contamination",
    contamination(body, rejects),
    "## Known limits",
    LIMITS,
  ];
  return `${parts.join("\n\n")}\n`;
}

function warnings({ warnings: list }: DatasetBody): readonly string[] {
  const texts = list ?? [];
  return texts.length === 0 ? [] : ["## Warnings", texts.map((text) => `- ${inline(text, 400)}`).join("\n")];
}

function composition({ sources, splits, quality }: DatasetBody): string {
  const by = Object.entries(quality["answersBy"] as Readonly<Record<string, number>>);
  return [
    table(
      ["import", "label", "rows read"],
      sources.map((source) => [inline(source.import), inline(String(source["label"])), source.rows]),
    ),
    table(["split", "rows"], Object.entries(splits)),
    `Answers to learn from: ${by.map(([name, count]) => `${count} by ${name}`).join(", ") || "none"}.`,
  ].join("\n\n");
}

function funnelTable({ funnel }: DatasetBody): string {
  return table(
    ["step", "unit", "in", "removed by rule", "out"],
    funnel.map((step) => [
      step.step,
      step.unit ?? "row",
      step.in,
      Object.entries(step.removed)
        .map(([rule, count]) => `${inline(rule)} ${count}`)
        .join(", ") || "–",
      step.out,
    ]),
  );
}

function examples(
  rejects: readonly Reject[],
  texts: ReadonlyMap<string, StoredInteraction>,
): readonly string[] {
  const byRule = new Map<string, Reject[]>();
  for (const reject of rejects) {
    const name = `${reject.step} · ${reject.rule}`;
    const list = byRule.get(name) ?? [];
    if (list.length < 3) list.push(reject);
    byRule.set(name, list);
  }
  return [...byRule].flatMap(([name, list]) => [
    `**${inline(name)}**`,
    ...list.map((reject) => {
      const row = texts.get(reject.interaction_id);
      const said = [row?.messages.at(-1)?.content, row?.output[0]?.content];
      return `${inline(reject.detail)}\n\n${fenced(said.map((text) => text ?? "(nothing)").join("\n→ "), 240)}`;
    }),
  ]);
}

function quality({ quality: figures }: DatasetBody): string {
  const shown = (value: unknown): string =>
    value === null || value === undefined ? "not measured" : inline(JSON.stringify(value), 300);
  const names = ["taskTypeCoverage", "taskTypeEvenness", "meanScore", "promptWords", "answerWords", "users"];
  const rates = figures["keepRates"] as Readonly<Record<string, readonly Slice[]>>;
  return [
    table(
      ["figure", "value"],
      [...names, ...("rejectedWords" in figures ? ["rejectedWords"] : [])].map((name) => [
        name,
        shown(figures[name]),
      ]),
    ),
    "How much of each slice survived, with 95 % Wilson intervals:",
    table(
      ["slice", "in", "kept", "share", "interval"],
      Object.entries(rates).flatMap(([by, slices]) =>
        slices
          .slice(0, 30)
          .map((slice) => [
            `${by} = ${inline(slice.slice)}`,
            slice.in,
            slice.kept,
            slice.rate,
            slice.lower === null ? "–" : `${slice.lower} … ${slice.upper ?? ""}`,
          ]),
      ),
    ),
  ].join("\n\n");
}

function splitProof({ quality: figures, definition }: DatasetBody): string {
  const { split } = definition as DatasetDefinition;
  const keys = { conversation: "conversation_id", user: "user_key", cluster: "split_group" } as const;
  const queries = split.groupBy.map(
    (tie) =>
      `select count(*) from (select ${keys[tie]} from '*.parquet' where ${keys[tie]} is not null group by 1 having count(distinct parse_filename(filename)) > 1);`,
  );
  return [
    `${String(figures["groups"])} groups by ${split.groupBy.join(", ") || "row"}; the largest has ${String(figures["largestGroup"])} rows. A group is on one side. Each of these gives 0 in this folder:`,
    `\`\`\`sql\n${queries.join("\n")}\n\`\`\``,
  ].join("\n\n");
}

function contamination({ contamination: found }: DatasetBody, rejects: readonly Reject[]): string {
  const flagged = rejects.filter((reject) => reject.step === "decontaminate").slice(0, 5);
  return [
    found.suites.length === 0
      ? "Nothing was compared."
      : table(
          ["evaluation file", "items"],
          found.suites.map((suite) => [inline(suite.suite), suite.items]),
        ),
    `${found.removed} rows removed. The first five, with the words both texts share:`,
    ...flagged.map((reject) => {
      const evidence = reject["evidence"] as { readonly run: string };
      return `${inline(reject.detail)}\n\n${fenced(evidence.run)}`;
    }),
  ].join("\n\n");
}

const LIMITS = `- Near duplicates are found with a probability of about 95 % at exactly the Jaccard threshold and more above it; texts under the word limit are only compared exactly.
- Personal data is screened by patterns and lists: names on no list are not found.
- No language detection, no augmentation and no human review took part in this build.
- A correction is taken as right because a person wrote it; nobody checked it a second time.`;
