import fc from "fast-check";
import { expect, it } from "vitest";
import { Account, PURPOSES } from "./ledger.ts";

it("has parts that equal the total exactly, whatever comes in, and keeps the unknown out of the sum", () => {
  const entry = fc.record({
    purpose: fc.constantFrom(...PURPOSES),
    picoUsd: fc.option(fc.bigInt({ min: 0n, max: 10n ** 18n })),
    tokens: fc.option(fc.integer({ min: 0, max: 1_000_000 })),
  });
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const account = new Account();
      for (const one of entries) account.add(one);
      const { total, ...parts } = account.ledger();
      for (const key of ["count", "priced", "tokens", "pricedTokens"] as const)
        expect(Object.values(parts).reduce((sum, part) => sum + part[key], 0)).toBe(total[key]);
      expect(Object.values(parts).reduce((sum, part) => sum + part.picoUsd, 0n)).toBe(total.picoUsd);
      expect(total.picoUsd).toBe(entries.reduce((sum, { picoUsd }) => sum + (picoUsd ?? 0n), 0n));
      expect(total.priced).toBe(entries.filter(({ picoUsd }) => picoUsd !== null).length);
      expect(total.count).toBe(entries.length);
    }),
  );
});
