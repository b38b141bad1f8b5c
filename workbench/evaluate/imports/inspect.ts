import { z } from "zod";
import { countOr, ImportError, numberOr, pythonJson, type Imported, type ImportedRow } from "./row.ts";
import { zipMembers } from "./zip.ts";

const Content = z.union([
  z.string(),
  z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
]);

const Sample = z.looseObject({
  id: z.union([z.string(), z.number()]),
  epoch: z.number().int().positive(),
  input: z.unknown(),
  target: z.unknown(),
  output: z
    .looseObject({
      choices: z.array(z.looseObject({ message: z.looseObject({ content: Content }) })).nullish(),
      time: z.number().nullish(),
    })
    .nullish(),
  scores: z.record(z.string(), z.looseObject({ value: z.unknown() })).nullish(),
  model_usage: z.record(z.string(), z.looseObject({})).nullish(),
  attachments: z.record(z.string(), z.string()).nullish(),
  error: z.looseObject({ message: z.string() }).nullish(),
});
type Sample = z.infer<typeof Sample>;

/** Inspect AI's `.eval` (a zip, a member for each sample and epoch). */
export function fromInspectZip(bytes: Buffer): Imported {
  const members = zipMembers(bytes).filter(({ name }) =>
    /^samples\/[^/]+(\.json|\/sample\.json)$/.test(name),
  );
  if (members.length === 0) throw new ImportError("the archive has no samples/*.json");
  return importedFrom(members.map((member) => ({ place: member.name, value: pythonJson(member.text()) })));
}

/** Inspect AI's `.json` log. */
export function fromInspectJson(log: { readonly samples: readonly unknown[] }): Imported {
  return importedFrom(log.samples.map((value, i) => ({ place: `sample ${i + 1}`, value })));
}

function importedFrom(samples: readonly { readonly place: string; readonly value: unknown }[]): Imported {
  const rows = samples.map(({ place, value }) => {
    const parsed = Sample.safeParse(value);
    if (parsed.success) return rowOf(parsed.data);
    const [issue] = parsed.error.issues;
    throw new ImportError(`${place}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`);
  });
  return { tool: "inspect", rows, notes: [] };
}

function rowOf(sample: Sample): ImportedRow {
  const read = attached(sample.attachments ?? {});
  const text = sample.output?.choices?.[0]?.message.content ?? "";
  const seconds = numberOr(sample.output?.time);
  const usage = Object.values(sample.model_usage ?? {});
  return {
    id: String(sample.id),
    epoch: sample.epoch,
    input: read(sample.input ?? null),
    expected: read(sample.target ?? null),
    output: sample.error ? null : String(read(textOf(text))),
    error: sample.error?.message ?? null,
    scores: scoresOf(sample),
    latencyMs: seconds === null ? null : seconds * 1000,
    inputTokens: total(usage.map((one) => countOr(one["input_tokens"]))),
    outputTokens: total(usage.map((one) => countOr(one["output_tokens"]))),
    costUsd: null,
  };
}

const textOf = (content: z.infer<typeof Content>): string =>
  typeof content === "string" ? content : content.map(({ text }) => text ?? "").join("");

const GRADES: Readonly<Record<string, number>> = { C: 1, I: 0, P: 0.5, N: 0 };

/** C, I, P, N are 1, 0, 0.5, 0; a score of several values becomes `name/part`; other texts are no number. */
function scoresOf({ scores }: Sample): Record<string, number | null> {
  const one = (value: unknown): number | null => {
    if (typeof value === "string") return Object.hasOwn(GRADES, value) ? (GRADES[value] ?? null) : null;
    return typeof value === "boolean" ? Number(value) : numberOr(value);
  };
  return Object.fromEntries(
    Object.entries(scores ?? {}).flatMap(([name, { value }]) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.entries(value).map(([part, own]) => [`${name}/${part}`, one(own)])
        : [[name, one(value)]],
    ),
  );
}

function total(counts: readonly (number | null)[]): number | null {
  if (counts.length === 0 || counts.includes(null)) return null;
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

const LONGEST = 16 << 20;

/** Puts texts back that Inspect moved out of a sample: each reference once, what it gives is not read again. */
function attached(texts: Readonly<Record<string, string>>): (value: unknown) => unknown {
  let left = LONGEST;
  const read = (value: unknown): unknown => {
    if (typeof value === "string")
      return value.replace(/attachment:\/\/([0-9a-f]{32})/g, (whole, hash: string) => {
        const text = Object.hasOwn(texts, hash) ? (texts[hash] ?? whole) : whole;
        left -= text.length;
        if (left < 0) throw new ImportError("a sample's attachments add up to more than 16 MB");
        return text;
      });
    if (Array.isArray(value)) return value.map(read);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, read(member)]));
  };
  return read;
}
