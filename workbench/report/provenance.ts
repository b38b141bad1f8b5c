import type { Source } from "./evidence.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";

/**
 * Where a page's numbers come from. `data-evidence` is what `workbench report check` recomputes: a
 * page whose file has changed since is stale, and a stale page fails the check (exit 6).
 */
export function provenance(sources: readonly Source[], facts: readonly (readonly [string, string])[]): Html {
  const rows = sources.map(
    ({ path, sha256 }) =>
      html`<li data-evidence="${sha256}" data-path="${path}">
        <code>${path}</code> <span class="digest">sha256:${sha256}</span>
      </li>`,
  );
  const more = facts.map(([name, value]) => html`<li>${name}: <code>${value}</code></li>`);
  return html`<details class="provenance">
    <summary>Provenance: the files these numbers come from</summary>
    <ul>
      ${rows}${more}
    </ul>
  </details>`;
}
