import type { ColumnType, ColumnTypes } from "./column.ts";
import type { Physical } from "./physical.ts";
import { PHYSICAL } from "./physical.ts";
import type { Thrift } from "./thrift.ts";
import { i32, list, struct, text } from "./thrift.ts";

const [REQUIRED, OPTIONAL, REPEATED] = [0, 1, 2];
const NOTHING = struct();
const MAP = { converted: 1, logical: struct([2, NOTHING]) };
const LIST = { converted: 3, logical: struct([3, NOTHING]) };

/** The tree of a file's columns as Parquet has it: its nodes depth first, each with the number of its children. */
export function schemaList(columns: ColumnTypes): Thrift {
  const root = struct([4, text("rows")], [5, i32(Object.keys(columns).length)]);
  return list([root, ...Object.entries(columns).flatMap(([name, type]) => elements(name, type))]);
}

function elements(name: string, type: ColumnType): readonly Thrift[] {
  if (typeof type === "string") return [leaf(name, PHYSICAL[type])];
  if ("list" in type)
    return [group(name, OPTIONAL, 1, LIST), group("list", REPEATED, 1), ...elements("element", type.list)];
  if ("struct" in type) {
    const members = Object.entries(type.struct);
    const children = members.flatMap(([member, inner]) => elements(member, inner));
    return [group(name, OPTIONAL, members.length), ...children];
  }
  const [key, value] = [leaf("key", PHYSICAL.text, REQUIRED), leaf("value", PHYSICAL.int32)];
  return [group(name, OPTIONAL, 1, MAP), group("key_value", REPEATED, 2), key, value];
}

interface Annotated {
  readonly converted?: number;
  readonly logical?: Thrift;
}

function group(name: string, repetition: number, children: number, annotated: Annotated = {}): Thrift {
  return struct([3, i32(repetition)], [4, text(name)], [5, i32(children)], ...annotation(annotated));
}

function leaf(name: string, physical: Physical, repetition = OPTIONAL): Thrift {
  const { type, length } = physical;
  return struct(
    [1, i32(type)],
    ...(length === undefined ? [] : [[2, i32(length)] as const]),
    [3, i32(repetition)],
    [4, text(name)],
    ...annotation(physical),
  );
}

const annotation = ({ converted, logical }: Annotated): (readonly [number, Thrift])[] => [
  ...(converted === undefined ? [] : ([[6, i32(converted)]] as const)),
  ...(logical === undefined ? [] : ([[10, logical]] as const)),
];
