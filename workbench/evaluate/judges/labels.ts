import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { WorkbenchError } from "../../errors/error.ts";
import { quoted } from "../../errors/printable.ts";
import { Attack, LabelledAnswer } from "../../schema/judge.ts";
import type { Effects } from "../../store/effects.ts";
import { hashFile } from "../../store/hash.ts";
import { readRows } from "../read-rows.ts";
import type { Scorer } from "../types.ts";

/** A file of people's labels, and what in it is not about this judge. */
export interface LabelFile {
  readonly rows: readonly LabelledAnswer[];
  readonly sha256: string;
  /** Labels of criteria that the judge does not have, by criterion: they are not compared with anything. */
  readonly foreign: Readonly<Record<string, number>>;
}

/**
 * Reads what people say of answers. A label that the judge could never give is refused with its line: it
 * would count as a disagreement that the judge cannot help.
 * @throws WB_FILE_MISSING; WB_SUITE_INVALID for such a label, a line of another form, or a file without one
 * label of the judge's criteria.
 */
export async function readLabels(
  { labelForms = {} }: Scorer,
  path: string,
  effects: Effects,
): Promise<LabelFile> {
  const isClosed = Object.keys(labelForms).length > 0;
  const foreign: Record<string, number> = {};
  let own = 0;
  const read = await readLines(LabelledAnswer, path, effects, (row, where) => {
    for (const [criterion, label] of Object.entries(row.labels)) {
      const form = isClosed ? (Object.hasOwn(labelForms, criterion) ? labelForms[criterion] : null) : [label];
      if (!form) foreign[criterion] = (foreign[criterion] ?? 0) + 1;
      else if (form.includes(label)) own++;
      else throw impossible(where, criterion, { label, form });
    }
  });
  if (own === 0) throw unlabelled(path, labelForms);
  return { ...read, foreign };
}

const OWN_ATTACKS = fileURLToPath(new URL("../../../evals/judges/attacks.jsonl", import.meta.url));

/** The attacks of a folder, else those that ship. */
export async function readAttacks(folder: string, effects: Effects) {
  const given = join(folder, "attacks.jsonl");
  return readLines(Attack, (await effects.stat(given)) ? given : OWN_ATTACKS, effects);
}

async function readLines<S extends z.ZodType>(
  schema: S,
  path: string,
  effects: Effects,
  check: (row: z.output<S>, where: string) => void = () => undefined,
): Promise<{ readonly rows: readonly z.output<S>[]; readonly sha256: string }> {
  const rows: z.output<S>[] = [];
  for await (const { value, place } of readRows(path, effects)) {
    const parsed = schema.safeParse(value);
    if (!parsed.success)
      throw new WorkbenchError({
        code: "WB_SUITE_INVALID",
        where: `${path}:${place}`,
        what: parsed.error.issues[0]?.message ?? "this line is not of its form",
        fix: FORM,
      });
    check(parsed.data, `${path}:${place}`);
    rows.push(parsed.data);
  }
  return { rows, sha256: (await hashFile(path, effects)).sha256 };
}

const FORM = '{"input": "…", "output": "…", "labels": {"polite": "yes"}}';

function impossible(
  where: string,
  criterion: string,
  { label, form }: { readonly label: string; readonly form: readonly string[] },
): WorkbenchError {
  return new WorkbenchError({
    code: "WB_SUITE_INVALID",
    where,
    what: `the label ${quoted(label)} of ${quoted(criterion)} is none that the judge can give`,
    why: `the judge says ${form.join(", ")}: with any other label it would always be wrong`,
    fix: "correct the label, or leave it out where the person could not decide",
  });
}

function unlabelled(path: string, forms: Readonly<Record<string, readonly string[]>>): WorkbenchError {
  return new WorkbenchError({
    code: "WB_SUITE_INVALID",
    where: path,
    what: "it holds no label of what this judge is asked",
    ...(Object.keys(forms).length > 0 && { why: `the judge says: ${Object.keys(forms).join(", ")}` }),
    fix: FORM,
  });
}
