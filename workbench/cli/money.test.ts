import { expect, test } from "vitest";
import { money } from "./money.ts";

test("money is said in whole dollars where it is much, so that differences add up", () => {
  expect(money(12120.6)).toBe("$12\u00a0121");
  expect([money(12121), money(11850), money(271)]).toEqual(["$12\u00a0121", "$11\u00a0850", "$271"]);
  expect(money(-100_000)).toBe("−$100\u00a0000");
  expect([money(99.94), money(0.01234), money(0)]).toEqual(["$99.9", "$0.0123", "$0"]);
  expect(money(null)).toBe("not known");
});
