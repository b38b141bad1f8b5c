/** One line of the lossy-field report. */
export interface Lossy {
  readonly path: string;
  readonly rows: number;
  readonly what: string;
}

/** Counts what became of the fields of records. */
export interface Notes {
  readonly note: (path: string, what: string, rows?: number) => void;
  /** In the order in which they were first noted. */
  readonly all: () => readonly Lossy[];
  readonly report: () => readonly Lossy[];
}

const MAX_PATHS = 500;

export function fieldNotes(): Notes {
  const counts = new Map<string, { path: string; what: string; rows: number }>();
  const note = (path: string, what: string, rows = 1): void => {
    const id = `${path}\0${what}`;
    const known = counts.get(id);
    if (known) known.rows += rows;
    // Keys can be data: a log with a key per user must not grow the manifest without end.
    else if (counts.size < MAX_PATHS || path === OTHERS) counts.set(id, { path, what, rows });
    else note(OTHERS, what, rows);
  };
  return {
    note,
    all: () => [...counts.values()],
    report: () => [...counts.values()].sort((a, b) => (`${a.path}${a.what}` < `${b.path}${b.what}` ? -1 : 1)),
  };
}
const OTHERS = "(other paths)";
