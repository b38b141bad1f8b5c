import type { JsonRecord } from "../parse.ts";
import type { Fields } from "./format.ts";

// Langfuse's exports to blob storage write `trace_id`, its API and the exports of its pages `traceId`.

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camel = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const isCamel = (name: string): boolean => name !== name.toLowerCase();

/** A record by the names of the exports to blob storage. */
export function snakeNames(record: JsonRecord): JsonRecord {
  if (!Object.keys(record).some(isCamel)) return record;
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [snake(name), value]));
}

/** What is declared of a member holds under both of its names. */
export function bothNames(fields: Fields): Fields {
  return {
    ...Object.fromEntries(Object.entries(fields).map(([path, verdict]) => [camel(path), verdict])),
    ...fields,
  };
}
