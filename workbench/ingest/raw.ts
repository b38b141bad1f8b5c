import type { Vault } from "../store/raw-vault.ts";
import type { Frame } from "./frame.ts";
import type { Read } from "./reader.ts";

/**
 * A record as it came, sealed as one line. Null when there are no bytes to keep, when its person was
 * erased, or when it is about several people: one key could not forget one of them alone.
 */
export function sealedLine(frame: Frame, read: Read, vault: Vault): string | null {
  if (frame.bytes === null || frame.bytes.length === 0) return null;
  const { line } = frame;
  if (read.kind === "quarantined") return seal({ line, id: `quarantine/${line}` }, null);
  const people = new Set(read.rows.map(({ userKey }) => userKey).filter((person) => person !== null));
  const [first] = read.rows;
  if (!first || people.size > 1 || read.rows.some(({ row }) => row === null)) return null;
  const [person = null] = people;
  return seal({ line, id: first.id }, person);

  function seal(record: { readonly line: number; readonly id: string }, person: string | null): string {
    return JSON.stringify(vault.seal(record, person, frame.bytes as Uint8Array));
  }
}
