import { expect, test } from "vitest";
import { bytes, i32, i64, list, struct, text, thriftBytes } from "./thrift.ts";

const hex = (fields: Parameters<typeof thriftBytes>[0]): string => thriftBytes(fields).toString("hex");

// By hand after thrift-compact-protocol.md: a field is its step from the last and its type, then its value.
test("structs are written in the compact protocol", () => {
  expect(hex([])).toBe("00");
  expect(hex([[1, i32(1)]])).toBe("150200");
  expect(hex([[1, i32(-1)]])).toBe("150100");
  expect(hex([[4, i64(300)]])).toBe("46d80400");
  expect(hex([[1, i64(Number.MAX_SAFE_INTEGER)]])).toBe("16feffffffffffff1f00");
  expect(
    hex([
      [1, { flag: true }],
      [2, { flag: false }],
    ]),
  ).toBe("111200");
  expect(hex([[1, { i8: 64 }]])).toBe("134000");
  expect(hex([[4, text("é")]])).toBe("4802c3a900");
  expect(hex([[5, bytes(Uint8Array.of(0, 255))]])).toBe("580200ff00");
  expect(
    hex([
      [2, struct([1, i32(3)])],
      [3, i32(0)],
    ]),
  ).toBe("2c150600150000");
  expect(
    hex([
      [2, { encoded: thriftBytes([[1, i32(3)]]) }],
      [3, i32(0)],
    ]),
  ).toBe("2c150600150000");
});

test("lists say how many they are and of what, long ones in a byte of their own", () => {
  expect(hex([[1, list([i32(1), i32(2)])]])).toBe("1925020400");
  expect(hex([[1, list([])]])).toBe("190c00");
  expect(hex([[1, list(Array.from({ length: 15 }, () => i32(0)))]])).toBe(`19f50f${"00".repeat(15)}00`);
});

test("fields out of order are a bug", () => {
  expect(() =>
    thriftBytes([
      [2, i32(1)],
      [1, i32(1)],
    ]),
  ).toThrow("cannot follow");
});
