/**
 * Thrift's compact protocol, as far as Parquet's page headers and footer need it: a struct is a list of
 * fields, each a number and a value. Source: thrift-compact-protocol.md, parquet.thrift.
 */
export type Thrift =
  | { readonly i8: number }
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly text: string }
  | { readonly bytes: Uint8Array }
  | { readonly flag: boolean }
  | { readonly list: readonly Thrift[] }
  | { readonly struct: Fields }
  /** A struct as `thriftBytes` gave it: what is kept for long is small so. */
  | { readonly encoded: Uint8Array };

export type Field = readonly [id: number, value: Thrift];
/** In the order of their numbers. */
export type Fields = readonly Field[];

export const i32 = (value: number): Thrift => ({ i32: value });
export const i64 = (value: number): Thrift => ({ i64: value });
export const bytes = (value: Uint8Array): Thrift => ({ bytes: value });
export const text = (value: string): Thrift => ({ text: value });
export const list = (values: readonly Thrift[]): Thrift => ({ list: values });
export const struct = (...fields: Fields): Thrift => ({ struct: fields });

const TYPES = { i8: 3, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;
const [TRUE, FALSE] = [1, 2];

/** The bytes of a struct. Numbers are safe integers. */
export function thriftBytes(fields: Fields): Buffer {
  const bytes: number[] = [];
  writeStruct(bytes, fields);
  return Buffer.from(bytes);
}

function writeStruct(bytes: number[], fields: Fields): void {
  let last = 0;
  for (const [id, value] of fields) {
    const type = "flag" in value ? (value.flag ? TRUE : FALSE) : typeOf(value);
    const step = id - last;
    if (step < 1 || step > 15) throw new Error(`field ${id} of a struct cannot follow ${last}`);
    bytes.push((step << 4) | type);
    last = id;
    writeValue(bytes, value);
  }
  bytes.push(0);
}

function typeOf(value: Thrift): number {
  if ("i8" in value) return TYPES.i8;
  if ("i32" in value) return TYPES.i32;
  if ("i64" in value) return TYPES.i64;
  if ("list" in value) return TYPES.list;
  return "struct" in value || "encoded" in value ? TYPES.struct : TYPES.binary;
}

/** A field's flag is in its type already. */
function writeValue(bytes: number[], value: Thrift): void {
  if ("i8" in value) bytes.push(value.i8 & 0xff);
  else if ("i32" in value) writeVarint(bytes, zigzag(value.i32));
  else if ("i64" in value) writeVarint(bytes, zigzag(value.i64));
  else if ("text" in value) writeBinary(bytes, Buffer.from(value.text));
  else if ("bytes" in value) writeBinary(bytes, value.bytes);
  else if ("struct" in value) writeStruct(bytes, value.struct);
  else if ("encoded" in value) for (const byte of value.encoded) bytes.push(byte);
  else if ("list" in value) writeList(bytes, value.list);
}

function writeList(bytes: number[], values: readonly Thrift[]): void {
  const type = values[0] === undefined ? TYPES.struct : typeOf(values[0]);
  if (values.length < 15) bytes.push((values.length << 4) | type);
  else {
    bytes.push(0xf0 | type);
    writeVarint(bytes, values.length);
  }
  for (const value of values) writeValue(bytes, value);
}

function writeBinary(bytes: number[], binary: Uint8Array): void {
  writeVarint(bytes, binary.length);
  for (const byte of binary) bytes.push(byte);
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

/** Seven bits a byte, the lowest first. */
function writeVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}
