/** An element with text in it. Text from models only ever enters a page here, as textContent. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text: string | null = null,
  className = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (text !== null) element.textContent = text;
  if (className !== "") element.className = className;
  return element;
}

/** A value as a person reads it: text as it is, everything else as indented JSON. */
export function readable(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return value;
  const fields = Object.entries(value);
  if (fields.length > 0 && fields.every(([, field]) => typeof field === "string"))
    return fields.map(([name, field]) => (fields.length === 1 ? field : `${name}: ${field}`)).join("\n");
  return JSON.stringify(value, null, 2);
}

const LONG = 600;

/** The beginning of a long text, with what is missing said; the run page has the whole of it. */
export function clipped(text: string): string {
  return text.length <= LONG ? text : `${text.slice(0, LONG)}… (${text.length - LONG} more characters)`;
}

/** A definition list from name and value pairs. */
export function facts(pairs: readonly (readonly [string, string | Node])[]): HTMLDListElement {
  const list = el("dl");
  for (const [name, value] of pairs) {
    const dd = el("dd");
    dd.append(value);
    list.append(el("dt", name), dd);
  }
  return list;
}

/** The second text with the words that differ from the first marked. */
export function differing(before: string, after: string): Node {
  const known = new Set(words(before));
  const out = document.createDocumentFragment();
  for (const word of words(after))
    out.append(known.has(word) || word.trim() === "" ? word : el("mark", word));
  return out;
}

function words(text: string): readonly string[] {
  return text.split(/(\s+|[",:{}[\]])/).filter((word) => word !== "");
}
