import type { Thrift } from "./thrift.ts";
import { struct } from "./thrift.ts";

/** How the values of a leaf lie in the file and what they mean: numbers of parquet.thrift. */
export interface Physical {
  readonly type: number;
  /** Bytes of a value of fixed length, beside the numbers. */
  readonly length?: number;
  readonly converted?: number;
  readonly logical?: Thrift;
}

const [BOOLEAN, INT32, INT64, DOUBLE, BYTE_ARRAY, FIXED] = [0, 1, 2, 5, 6, 7];
const [UTF8, TIMESTAMP_MICROS, INT_32, INT_64, JSON_TEXT] = [0, 10, 17, 18, 19];
const NOTHING = struct();
const integer = (bits: number): Thrift => struct([10, struct([1, { i8: bits }], [2, { flag: true }])]);
const MICROS_UTC = struct([8, struct([1, { flag: true }], [2, struct([2, NOTHING])])]);

export const PHYSICAL = {
  text: { type: BYTE_ARRAY, converted: UTF8, logical: struct([1, NOTHING]) },
  json: { type: BYTE_ARRAY, converted: JSON_TEXT, logical: struct([12, NOTHING]) },
  uuid: { type: FIXED, length: 16, logical: struct([14, NOTHING]) },
  int32: { type: INT32, converted: INT_32, logical: integer(32) },
  int64: { type: INT64, converted: INT_64, logical: integer(64) },
  double: { type: DOUBLE },
  boolean: { type: BOOLEAN },
  time: { type: INT64, converted: TIMESTAMP_MICROS, logical: MICROS_UTC },
} as const satisfies Readonly<Record<string, Physical>>;

export type Scalar = keyof typeof PHYSICAL;
