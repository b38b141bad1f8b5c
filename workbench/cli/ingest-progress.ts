import type { IngestRequest } from "../ingest/request.ts";
import type { Output, Progress } from "./output.ts";

const MB = 1e6;
/** Writing fewer rows takes no time worth a line. */
const MANY_ROWS = 20_000;

type Callbacks = Required<Pick<IngestRequest, "onSource" | "onProgress">>;

/**
 * The progress of an import: of one source its megabytes, of several how many are done, with records and
 * megabytes a second. `now` is in ms.
 */
export function ingestProgress(out: Output, now: () => number): Callbacks & { readonly end: () => void } {
  let bar: Progress | null = null;
  let label = "";
  let [nth, of, started, records, bytes] = [0, 1, now(), 0, 0];
  const show = (what: string, total: number | null, done: number, detail?: string): void => {
    if (bar === null || label !== what) {
      bar?.end();
      [bar, label] = [out.progress(what, total), what];
    }
    bar.update(done, detail);
  };
  const speed = (more: { readonly records: number; readonly bytes: number }): string => {
    const seconds = (now() - started) / 1000;
    if (seconds < 1) return "";
    const [rows, read] = [(records + more.records) / seconds, (bytes + more.bytes) / MB / seconds];
    return `${whole(rows)} records/s  ${whole(read)} MB/s  `;
  };
  return {
    onSource: (one, all) => {
      [nth, of] = [one, all];
      if (nth === 0) started = now();
      if (of > 1) show("ingest, files", of, nth);
    },
    onProgress: ({ source, total, isRead, ...read }) => {
      const shown = `${speed(read)}${source}`;
      if (isRead && read.records >= MANY_ROWS) show("writing rows", null, read.records, source);
      else if (of > 1) show("ingest, files", of, nth, shown);
      else
        show("ingest, MB", total === null ? null : Math.ceil(total / MB), Math.floor(read.bytes / MB), shown);
      if (isRead) [records, bytes] = [records + read.records, bytes + read.bytes];
    },
    end: () => bar?.end(),
  };
}

/** Made once: it is asked for every megabyte, and making one takes longer than reading that. */
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const whole = (value: number): string => WHOLE.format(value);
