import { openCatalog } from "../catalog/catalog.ts";
import { sqlFile } from "../catalog/sql.ts";
import type { Advice } from "../cost/advice.ts";
import { priceTable } from "../cost/price.ts";
import { loadConfig } from "../store/config.ts";
import { realEffects, type Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { loadPrices } from "../store/prices.ts";
import { AdviceBook, type AdvisedCall } from "./advice-book.ts";
import { provenSwaps } from "./proven-swaps.ts";

/** What would cost less, by the stored logs and the decisions at hand; dearest first, unknown savings last. */
export async function costAdvice(
  project: Project,
  effects: Effects = realEffects,
): Promise<readonly Advice[]> {
  const config = await loadConfig(project, effects);
  const prices = priceTable(await loadPrices(project, config.prices, effects));
  const swaps = await provenSwaps(project, effects);
  const book = new AdviceBook(config, prices, swaps);
  const catalog = await openCatalog(project, effects);
  try {
    const sql = await sqlFile("advice-calls.sql", import.meta.url, effects);
    for await (const call of catalog.stream<AdvisedCall>(sql)) book.add(call);
  } finally {
    catalog.close();
  }
  return book.advice().toSorted((a, b) => (b.savingUsdPerMonth ?? -1) - (a.savingUsdPerMonth ?? -1));
}
