import { InvalidArgumentError } from "commander";

/** A moment of the command line, as ISO text. */
export function instant(text: string): string {
  if (!Number.isNaN(Date.parse(text)) && /^\d{4}-\d\d-\d\d/.test(text)) return new Date(text).toISOString();
  throw new InvalidArgumentError("a time such as 2026-11-20T12:00:00Z");
}
