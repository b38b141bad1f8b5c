/**
 * What a reader knows an arm by: its model's name, or for recorded answers the arm's own name, and
 * where that says only its role, the file it came from.
 *
 * Worked value: `recorded:real-data:gsm8k/model-solutions.jsonl.gz` as arm `6b_verification` is `6b_verification`.
 */
export function armName({ arm, model }: { readonly arm: string; readonly model: string }): string {
  if (!model.startsWith("recorded:")) return model;
  if (arm !== "baseline" && arm !== "candidate") return arm;
  const file = model.split("/").at(-1) ?? model;
  return file.replace(/(?:\.annotations)?\.jsonl?(?:\.gz)?$/, "");
}
