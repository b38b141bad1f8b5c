import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { priceTable } from "../cost/price.ts";
import { projectAt } from "./paths.ts";
import { loadPrices } from "./prices.ts";

const project = projectAt(resolve(import.meta.dirname, "../.."));

it("ships price tables that load, with a source on every row and no unit that slipped", async () => {
  for (const name of await readdir(join(project.evals, "prices"))) {
    const rows = await loadPrices(project, [`evals/prices/${name}`]);
    expect(rows.length, name).toBeGreaterThan(0);
    for (const { model, source, usdPerMillion } of rows) {
      expect(source, model).toMatch(/^(illustrative|https:|llm-prices)/);
      expect(usdPerMillion.input ?? usdPerMillion.output, model).not.toBeNull();
    }
    expect(priceTable(rows).odd, name).toEqual([]);
  }
});

it("lets a user's table override the snapshot", async () => {
  const rows = await loadPrices(project, ["evals/prices/public-snapshot.yaml", "evals/prices/example.yaml"]);
  expect(rows.at(-1)?.model).toBe("local/tiny-router");
});
