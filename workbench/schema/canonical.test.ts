import fc from "fast-check";
import { expect, test } from "vitest";
import { canonical, digestOf } from "./canonical.ts";

test("key order does not matter, array order does", () => {
  expect(canonical({ b: 1, a: [true, null, "é"], c: undefined })).toBe('{"a":[true,null,"é"],"b":1}');
  expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
  expect(digestOf([1, 2])).not.toBe(digestOf([2, 1]));
});

test("any JSON value survives a round trip, and its canonical form is a fixed point", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonical(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonical(JSON.parse(text))).toBe(text);
    }),
  );
});

test("what JSON cannot say is refused", () => {
  for (const value of [NaN, Infinity, [-Infinity], { x: NaN }])
    expect(() => canonical(value)).toThrow("not a JSON number");
});

test("the digest is plain SHA-256 of the bytes a file would hold", () => {
  // printf '{"a":1}\n' | sha256sum
  expect(digestOf({ a: 1 })).toBe("e346432021b04179518d9614f3560ccd71354a4ee101ddcb893d6959a9d6301c");
});
