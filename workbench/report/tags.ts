/** An element's start tag as it stands in a built page. */
export interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const TAG = /<([a-z][a-z0-9]*)((?:\s+[^\s=>"'/]+(?:="[^"]*")?)*)\s*\/?>/g;
const ATTRIBUTE = /\s([^\s=>"'/]+)(?:="([^"]*)")?/g;

/**
 * The start tags of a page that Framework wrote: it quotes every attribute and writes `<` in text as
 * `&lt;`, so that what looks like a tag in a text is none. Scripts are left out.
 */
export function tagsOf(page: string): readonly Tag[] {
  const markup = page.replace(/(<script[^>]*>)[\s\S]*?<\/script>/g, "$1");
  return [...markup.matchAll(TAG)].map(([, name = "", attributes = ""]) => ({
    name,
    attributes: new Map(
      [...attributes.matchAll(ATTRIBUTE)].map(([, key = "", value = ""]) => [key, decoded(value)]),
    ),
  }));
}

function decoded(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
