import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { fileURLToPath } from "node:url";

const texts = new Map<string, Promise<string>>();

/** The text of a `*.sql` file that lies beside its caller: `await sqlFile("load.sql", import.meta.url)`. */
export function sqlFile(name: string, beside: string, effects: Effects = realEffects): Promise<string> {
  const path = fileURLToPath(new URL(name, beside));
  const known = texts.get(path) ?? effects.read(path).then((bytes) => Buffer.from(bytes).toString("utf8"));
  texts.set(path, known);
  return known;
}

/**
 * Puts program constants (pinned columns, lists of our own files as literals) where DuckDB takes no
 * parameter: `{{columns}}`. Values from data never go this way.
 */
export function filled(sql: string, constants: Readonly<Record<string, string>>): string {
  return sql.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = constants[name];
    if (value === undefined) throw new TypeError(`the query has no ${name}`);
    return value;
  });
}
