import { isScalar, parseDocument } from "yaml";

/**
 * Sets scalars of a YAML text by their dotted keys and changes no other byte: comments, order, quotes and
 * indentation of everything else stay. Null when a key is not there, or is no scalar.
 * Worked value: `tag: v1 # now` with {tag: "v2"} is `tag: "v2" # now`.
 */
export function withScalars(text: string, set: Readonly<Record<string, string>>): string | null {
  const document = parseDocument(text, { schema: "core", keepSourceTokens: true });
  if (document.errors.length > 0) return null;
  const edits: { readonly from: number; readonly to: number; readonly value: string }[] = [];
  for (const [key, value] of Object.entries(set)) {
    const node = document.getIn(key.split("."), true);
    if (!isScalar(node) || !node.range) return null;
    if (String(node.value) === value) continue;
    edits.push({ from: node.range[0], to: node.range[1], value: JSON.stringify(value) });
  }
  // From the end, so that earlier places stay where they are.
  return edits
    .sort((a, b) => b.from - a.from)
    .reduce((now, { from, to, value }) => now.slice(0, from) + value + now.slice(to), text);
}

/** The scalars at these keys as text; null when one is not there. */
export function scalarsOf(text: string, keys: readonly string[]): Readonly<Record<string, string>> | null {
  const document = parseDocument(text, { schema: "core" });
  if (document.errors.length > 0) return null;
  const found: Record<string, string> = {};
  for (const key of keys) {
    const node = document.getIn(key.split("."), true);
    if (!isScalar(node)) return null;
    found[key] = String(node.value);
  }
  return found;
}
