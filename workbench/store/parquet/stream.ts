/**
 * The levels of all entries of one place in the tree, a row group's worth: how Parquet says which values
 * belong to which row and list, and which are NULL at what depth. Source: Dremel (Melnik et al., 2010), section 4.
 */
export interface Stream {
  readonly count: number;
  /** Of each entry: how many of the optional things on the way to it are there. */
  readonly definition: Uint8Array;
  /** At which list the entry continues, 0 for a new row; null while there is no list on the way. */
  readonly repetition: Uint8Array | null;
  readonly repetitionMax: number;
  /** How many optional things are on the way when all are there. */
  readonly definitionMax: number;
  /** An entry whose definition is at least this is a place, the others are lists without elements. */
  readonly placed: number;
  /** How many entries are places. */
  readonly places: number;
}

/** One entry a row. */
export function rowStream(rows: number): Stream {
  const definition = new Uint8Array(rows);
  const none = { repetition: null, repetitionMax: 0, definitionMax: 0, placed: 0 };
  return { ...none, count: rows, definition, places: rows };
}

/** The entries of something optional at each place, which is there where `flags` says 1. `any`: there is a 1. */
export function optional(stream: Stream, flags: Uint8Array, any: boolean): Stream {
  const definitionMax = stream.definitionMax + 1;
  if (!any) return { ...stream, definitionMax };
  if (stream.definitionMax === 0) return { ...stream, definition: flags, definitionMax };
  const definition = stream.definition.slice();
  if (stream.places === stream.count)
    for (let at = 0; at < definition.length; at++) (definition[at] as number) += flags[at] as number;
  else
    for (let at = 0, slot = 0; at < definition.length; at++)
      if ((definition[at] as number) >= stream.placed) (definition[at] as number) += flags[slot++] as number;
  return { ...stream, definition, definitionMax };
}

/** The entries of the elements of a list at each place: `sizes` says 0 for no list, else one more than its length. */
export function repeated(stream: Stream, sizes: Int32Array, elements: number): Stream {
  const { definition: outer, repetition: outerRepetition, placed, repetitionMax: depth } = stream;
  const most = stream.count + elements;
  const [definition, repetition] = [new Uint8Array(most), new Uint8Array(most)];
  const full = stream.definitionMax + 2;
  let [count, slot] = [0, 0];
  for (let at = 0; at < stream.count; at++) {
    const level = outer[at] as number;
    const size = level >= placed ? (sizes[slot++] as number) : 0;
    definition[count] = size < 2 ? level + size : full;
    repetition[count++] = outerRepetition === null ? 0 : (outerRepetition[at] as number);
    for (let element = 2; element < size; element++) {
      definition[count] = full;
      repetition[count++] = depth + 1;
    }
  }
  return {
    count,
    definition: definition.subarray(0, count),
    repetition: repetition.subarray(0, count),
    repetitionMax: depth + 1,
    definitionMax: full,
    placed: full,
    places: elements,
  };
}
