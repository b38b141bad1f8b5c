import type { ColumnType, ColumnTypes } from "./column.ts";
import { BooleanLeaf, DoubleLeaf, Int32Leaf, Int64Leaf, TimeLeaf, UuidLeaf } from "./fixed-leaf.ts";
import type { Held, Leaf } from "./leaf.ts";
import type { Scalar } from "./physical.ts";
import { Presence } from "./presence.ts";
import type { Stream } from "./stream.ts";
import { optional, repeated } from "./stream.ts";
import { JsonLeaf, TextLeaf } from "./text-leaf.ts";

/** A leaf and the levels of its entries. */
export interface Levelled {
  readonly leaf: Leaf;
  readonly stream: Stream;
}

/** A column or a part of one: takes values that are not null, for places that only grow, and gives its leaves. */
export interface Node {
  readonly put: (slot: number, value: unknown) => void;
  /** The leaves in the order of the schema; `outer` are the entries of where the node stands. */
  readonly levelled: (outer: Stream) => readonly Levelled[];
  readonly reset: () => void;
}

type LeafOf = new (path: readonly string[], held: Held) => Leaf;

const LEAVES: Readonly<Record<Scalar, LeafOf>> = {
  text: TextLeaf,
  json: JsonLeaf,
  uuid: UuidLeaf,
  int32: Int32Leaf,
  int64: Int64Leaf,
  double: DoubleLeaf,
  boolean: BooleanLeaf,
  time: TimeLeaf,
};

/** The node of a column's type. Every part is optional, but the keys of counts. */
export function nodeOf(type: ColumnType, path: readonly string[], held: Held): Node {
  if (typeof type === "string") return new LeafNode(new LEAVES[type](path, held));
  if ("list" in type) return new ListNode(nodeOf(type.list, [...path, "list", "element"], held), path, held);
  if ("struct" in type) return new StructNode(type.struct, path, held);
  return new CountsNode(path, held);
}

/** Nodes by the names of their columns, in order. */
export type Members = ReadonlyMap<string, Node>;

export function membersOf(types: ColumnTypes, path: readonly string[], held: Held): Members {
  return new Map(Object.entries(types).map(([name, type]) => [name, nodeOf(type, [...path, name], held)]));
}

/** Gives each member that is not null to its node; those without one are left out. */
export function putMembers(members: Members, slot: number, record: Readonly<Record<string, unknown>>): void {
  // By the names of the record, not of the columns: reading what an object lists first is three times as fast.
  for (const name in record) {
    const value = record[name];
    if (value !== null && value !== undefined) members.get(name)?.put(slot, value);
  }
}

class LeafNode implements Node {
  readonly put: Node["put"];
  readonly reset: Node["reset"];
  readonly #leaf: Leaf;

  constructor(leaf: Leaf) {
    this.#leaf = leaf;
    this.put = leaf.put.bind(leaf);
    this.reset = leaf.reset.bind(leaf);
  }

  levelled(outer: Stream): readonly Levelled[] {
    const { presence } = this.#leaf;
    const stream = optional(outer, presence.flags(outer.places), presence.count > 0);
    return [{ leaf: this.#leaf, stream }];
  }
}

class StructNode implements Node {
  readonly #members: Members;
  readonly #presence = new Presence();
  readonly #path: readonly string[];

  constructor(types: ColumnTypes, path: readonly string[], held: Held) {
    this.#path = path;
    this.#members = membersOf(types, path, held);
  }

  put(slot: number, value: unknown): void {
    if (!isRecord(value)) throw wrong(this.#path, "an object", value);
    this.#presence.mark(slot);
    putMembers(this.#members, slot, value);
  }

  levelled(outer: Stream): readonly Levelled[] {
    const { count } = this.#presence;
    const stream = optional(outer, this.#presence.flags(outer.places), count > 0);
    return [...this.#members.values()].flatMap((member) => member.levelled(stream));
  }

  reset(): void {
    this.#presence.reset();
    for (const member of this.#members.values()) member.reset();
  }
}

/** How much an element of a list weighs beside its texts, in bytes: levels and numbers. */
const ELEMENT_BYTES = 16;
const SMALLEST = 1 << 10;

/** The lengths of lists: 0 for no list, else one more than its length. */
class Lengths {
  elements = 0;
  #sizes = new Int32Array(SMALLEST);
  #end = 0;
  readonly #held: Held;

  constructor(held: Held) {
    this.#held = held;
  }

  /** Returns the place of the list's first element. */
  add(slot: number, length: number): number {
    if (slot >= this.#sizes.length) this.#grow(slot + 1);
    this.#sizes[slot] = length + 1;
    this.#end = slot + 1;
    this.#held.bytes += ELEMENT_BYTES * length;
    const first = this.elements;
    this.elements += length;
    return first;
  }

  stream(outer: Stream): Stream {
    if (outer.places > this.#sizes.length) this.#grow(outer.places);
    return repeated(outer, this.#sizes, this.elements);
  }

  reset(): void {
    if (this.#sizes.length > SMALLEST && this.#sizes.length > 4 * this.#end)
      this.#sizes = new Int32Array(SMALLEST);
    else this.#sizes.fill(0, 0, this.#end);
    this.elements = 0;
    this.#end = 0;
  }

  #grow(needed: number): void {
    const larger = new Int32Array(Math.max(this.#sizes.length * 2, needed));
    larger.set(this.#sizes);
    this.#sizes = larger;
  }
}

class ListNode implements Node {
  readonly #element: Node;
  readonly #lengths: Lengths;
  readonly #path: readonly string[];

  constructor(element: Node, path: readonly string[], held: Held) {
    this.#element = element;
    this.#lengths = new Lengths(held);
    this.#path = path;
  }

  put(slot: number, value: unknown): void {
    if (!Array.isArray(value)) throw wrong(this.#path, "a list", value);
    const first = this.#lengths.add(slot, value.length);
    for (let n = 0; n < value.length; n++) {
      const element: unknown = value[n];
      if (element !== null && element !== undefined) this.#element.put(first + n, element);
    }
  }

  levelled(outer: Stream): readonly Levelled[] {
    return this.#element.levelled(this.#lengths.stream(outer));
  }

  reset(): void {
    this.#lengths.reset();
    this.#element.reset();
  }
}

/** A MAP(VARCHAR, INTEGER). Its keys are never null: they have no level of their own. */
class CountsNode implements Node {
  readonly #keys: TextLeaf;
  readonly #values: Int32Leaf;
  readonly #lengths: Lengths;
  readonly #path: readonly string[];

  constructor(path: readonly string[], held: Held) {
    this.#keys = new TextLeaf([...path, "key_value", "key"], held);
    this.#values = new Int32Leaf([...path, "key_value", "value"], held);
    this.#lengths = new Lengths(held);
    this.#path = path;
  }

  put(slot: number, value: unknown): void {
    if (!isRecord(value)) throw wrong(this.#path, "counts", value);
    const keys = Object.keys(value);
    const first = this.#lengths.add(slot, keys.length);
    for (let n = 0; n < keys.length; n++) {
      const key = keys[n] as string;
      this.#keys.put(first + n, key);
      this.#values.put(first + n, value[key]);
    }
  }

  levelled(outer: Stream): readonly Levelled[] {
    const keys = this.#lengths.stream(outer);
    const { presence } = this.#values;
    const values = optional(keys, presence.flags(keys.places), presence.count > 0);
    return [
      { leaf: this.#keys, stream: keys },
      { leaf: this.#values, stream: values },
    ];
  }

  reset(): void {
    this.#lengths.reset();
    this.#keys.reset();
    this.#values.reset();
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const wrong = (path: readonly string[], expected: string, value: unknown): Error =>
  new Error(
    `column ${path.join(".")} takes ${expected}, not a ${Array.isArray(value) ? "list" : typeof value}`,
  );
