import type { PriceRow } from "../schema/price.ts";
import { PriceFile } from "../schema/price.ts";
import { parseYaml } from "../schema/yaml.ts";
import type { Effects } from "./effects.ts";
import { realEffects } from "./effects.ts";
import type { Project } from "./paths.ts";
import { resolveInside } from "./paths.ts";

/**
 * Reads price files (the `prices` of workbench.config.yaml, relative to the project) into one list;
 * rows of later files stand later and so override earlier ones. Hand the list to `priceTable`.
 */
export async function loadPrices(
  project: Project,
  files: readonly string[],
  effects: Effects = realEffects,
): Promise<readonly PriceRow[]> {
  const rows: PriceRow[] = [];
  for (const file of files) {
    const path = await resolveInside(project.root, [file], effects);
    const text = Buffer.from(await effects.read(path)).toString("utf8");
    const parsed = parseYaml(text, PriceFile, { file, code: "WB_PRICE_INVALID" });
    parsed.value.rows.forEach((row, at) => {
      const twin = parsed.value.rows.findIndex((other, i) => i < at && overlap(row, other));
      if (twin >= 0)
        throw parsed.errorAt(["rows", at], `this price of ${row.model} overlaps row ${twin + 1} in time`, {
          why: "two prices would hold on the same day and tier",
          fix: "end the older row with effectiveTo: the day the newer one starts",
        });
    });
    rows.push(...parsed.value.rows);
  }
  return rows;
}

function overlap(a: PriceRow, b: PriceRow): boolean {
  const before = (end: string | null, start: string): boolean => end !== null && end <= start;
  return (
    a.model === b.model &&
    a.tier === b.tier &&
    !before(a.effectiveTo, b.effectiveFrom) &&
    !before(b.effectiveTo, a.effectiveFrom)
  );
}
