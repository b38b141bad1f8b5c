/** What a new suite is made from. */
export interface TemplateInput {
  readonly name: string;
  /** Models of workbench.config.yaml that the suite may ask; the first answers as baseline. */
  readonly models: readonly string[];
}

/** The files of a suite: path below evals/ → text. */
export type Template = (input: TemplateInput) => Readonly<Record<string, string>>;

export const jsonLines = (rows: readonly object[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** `arms` of a suite file: two models at most, else answers that were written down. */
export function armsText({ name, models }: TemplateInput, recordedAs: string): string {
  const [baseline, candidate] = models.map((model) => JSON.stringify(model));
  if (baseline === undefined)
    return `{ baseline: recorded("evals/data/${name}-answers.jsonl", ${recordedAs}) }`;
  return candidate === undefined
    ? `{ baseline: ${baseline} }`
    : `{ baseline: ${baseline}, candidate: ${candidate} }`;
}

/** `arms` of a suite that begins with written answers, so that it runs at once: put a model's name in their place. */
export const writtenArms = (name: string, more = ""): string => `{
    baseline: recorded("evals/data/${name}-answers.jsonl", { output: "output"${more} }), // or a model of workbench.config.yaml
  }`;
