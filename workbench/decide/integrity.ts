import { WorkbenchError } from "../errors/error.ts";

/** An integrity failure (exit 6): bytes that are not what the record says. */
export function integrity(where: string, what: string, why?: string): WorkbenchError {
  return new WorkbenchError({
    code: "WB_INTEGRITY",
    where,
    what,
    why: why ?? "a decision stands only on files that are byte for byte those it was made from",
    fix: "restore the file from a copy; if the evidence really changed, decide again",
  });
}
