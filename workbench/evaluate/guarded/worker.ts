import { parentPort } from "node:worker_threads";
import type { ValidateFunction } from "ajv";
import type { Question, Reply } from "./guard.ts";
import { compileSchema } from "../scorers/compile-schema.ts";

// Runs patterns and schemas that came as data. Whoever asks ends this thread when it takes too long.

const patterns = new Map<string, RegExp>();
const schemas = new Map<string, ValidateFunction>();

async function answer(question: Question): Promise<Reply> {
  if (question.kind === "regex") {
    const { pattern, flags, text } = question;
    const key = `${flags}/${pattern}`;
    const compiled = patterns.get(key) ?? new RegExp(pattern, flags);
    patterns.set(key, compiled);
    const found = compiled.exec(text);
    return { matches: found !== null, group: found?.[1] ?? null };
  }
  const { schema, json } = question;
  const check = schemas.get(schema) ?? (await compiled(schema));
  if (check(JSON.parse(json))) return { paths: [] };
  const paths = (check.errors ?? []).map(({ instancePath }) => instancePath);
  return { paths: [...new Set(paths)].sort().slice(0, 20) };
}

async function compiled(schema: string): Promise<ValidateFunction> {
  const check = await compileSchema(JSON.parse(schema) as object);
  schemas.set(schema, check);
  return check;
}

parentPort?.postMessage({ paths: [] } satisfies Reply); // ready
parentPort?.on("message", (question: Question) => {
  answer(question).then(
    (reply) => parentPort?.postMessage(reply),
    (error: unknown) =>
      parentPort?.postMessage({ failed: error instanceof Error ? error.message : String(error) }),
  );
});
