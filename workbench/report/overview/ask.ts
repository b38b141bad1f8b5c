import type { Catalog } from "../../catalog/catalog.ts";
import { filled, sqlFile } from "../../catalog/sql.ts";
import type { Effects } from "../../store/effects.ts";

/** Asks one of the queries beside this file. */
export type Ask = <T>(
  name: string,
  params?: Readonly<Record<string, readonly string[]>>,
) => Promise<readonly T[]>;

/** Queries over a catalog; constants go where a query names them in braces. */
export function asker(catalog: Catalog, constants: Readonly<Record<string, string>>, effects: Effects): Ask {
  return async (name, params = {}) =>
    catalog.rows(filled(await sqlFile(`sql/${name}.sql`, import.meta.url, effects), constants), params);
}
