import type { Effects } from "../effects.ts";
import { appendPieces } from "./append-pieces.ts";
import type { GroupPlace } from "./footer.ts";
import { MAGIC, footer } from "./footer.ts";
import type { Shape } from "./group-writer.ts";
import { groupAtEnd } from "./group-writer.ts";
import type { RowGroup } from "./row-group.ts";

/** A Parquet file that grows by row groups. Nothing reads it before `end`. */
export interface RowFile {
  readonly path: string;
  readonly rows: () => number;
  readonly append: (group: RowGroup) => Promise<void>;
  /** Writes the columns that are only known now, and the footer. The file is there and valid with no rows too. */
  readonly end: (known?: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** Starts a Parquet file at `path`. Texts that repeat are written once a row group. */
export async function rowFile(path: string, shape: Shape, effects: Effects): Promise<RowFile> {
  const groups: GroupPlace[] = [];
  let [rows, offset] = [0, MAGIC.length];
  await effects.write(path, MAGIC, { mode: 0o600 });

  const write = async ({ columns, pieces }: RowGroup, into: GroupPlace): Promise<void> => {
    await appendPieces(path, pieces, effects);
    for (const [name, chunks] of columns)
      into.columns.set(
        name,
        chunks.map((about) => {
          const place = { about, offset };
          offset += about.bytes;
          return place;
        }),
      );
  };
  return {
    path,
    rows: () => rows,
    append: async (group) => {
      if (group.rows === 0) return;
      const place = { rows: group.rows, columns: new Map() };
      groups.push(place);
      rows += group.rows;
      await write(group, place);
    },
    end: async (known = {}) => {
      for (const place of groups) await write(groupAtEnd(shape, place.rows, known), place);
      await effects.append(path, footer(shape.columns, groups));
    },
  };
}
