import { Command, InvalidArgumentError } from "commander";
import { relative, resolve } from "node:path";
import { printable } from "../../errors/printable.ts";
import { reportError } from "../../errors/render.ts";
import type { SourceReport } from "../../ingest/source-report.ts";
import { watch } from "../../ingest/watch.ts";
import type { WatchSummary } from "../../ingest/watch.ts";
import { loadConfig } from "../../store/config.ts";
import { withContext } from "../context.ts";
import type { Example } from "../examples.ts";
import type { Output } from "../output.ts";

interface Options {
  readonly once?: boolean;
  readonly interval: number;
  readonly settle: number;
  readonly format?: string;
  readonly map?: string;
  readonly label?: string;
}

export function command(): Command {
  return new Command("watch")
    .description("Keep ingesting a folder that grows, until Ctrl-C.")
    .argument("<folder>", "where logs appear and grow")
    .option("--once", "look once and end, for instance from cron")
    .option("--interval <seconds>", "at most so long between two looks", seconds, 10)
    .option("--settle <seconds>", "how long archives, arrays, CSV and Parquet must be left alone", seconds, 5)
    .option("--format <name>", "what the records are (default: found out from a sample)")
    .option("--map <file>", "a mapping file, for logs that no importer knows")
    .option("--label <label>", "a name for where these logs come from; picks the source's privacy settings")
    .action(
      withContext(async ({ project, out, effects }, folder: string, options: Options) => {
        const { once = false, interval, settle, format, map, label } = options;
        const summary = await watch(
          {
            request: {
              project,
              config: await loadConfig(project, effects),
              ...(format === undefined ? {} : { format }),
              ...(map === undefined ? {} : { mapping: map }),
              ...(label === undefined ? {} : { label }),
            },
            folder: resolve(folder),
            intervalMs: interval * 1000,
            settleMs: settle * 1000,
            once,
            signal: interruption(),
            onImport: (report) => printImport(report, out),
            onTrouble: (path, error) => {
              if (out.json) event({ event: "trouble", source: path, error: reportError(error) });
              else out.note(`${relative(process.cwd(), path)}  ${error.code}: ${error.what}`);
            },
          },
          effects,
        );
        end(summary, out);
        return once && summary.troubled > 0 ? 2 : 0;
      }),
    );
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError("seconds, above 0 and up to a day");
}

/** The first Ctrl-C ends the watch after the import under way; the second ends it at once, which is safe too. */
function interruption(): AbortSignal {
  const stop = new AbortController();
  const others = process.listeners("SIGINT");
  process.removeAllListeners("SIGINT");
  const first = (): void => {
    process.removeListener("SIGINT", first).removeListener("SIGTERM", first);
    for (const other of others) process.on("SIGINT", other);
    stop.abort();
  };
  process.on("SIGINT", first).on("SIGTERM", first);
  return stop.signal;
}

function printImport(report: SourceReport, out: Output): void {
  const { read, stored, known, quarantined } = report.counts;
  const name = out.paint.bold(relative(process.cwd(), report.source));
  const sum = `${read} read = ${stored} stored + ${known} known + ${quarantined} quarantined`;
  if (out.json) event({ event: "import", ...report });
  else out.line(`${name}  ${report.outcome} as ${report.format ?? ""}: ${sum}`);
}

function end(summary: WatchSummary, out: Output): void {
  const { imports, stored, quarantined } = summary;
  if (out.json) event({ event: "end", ...summary });
  else out.line(out.paint.dim(`${imports} imports, ${stored} stored, ${quarantined} quarantined`));
}

/** A line of JSON as it happens: whoever reads it does not wait for the end. */
function event(value: object): void {
  process.stdout.write(`${printable(JSON.stringify(value))}\n`);
}

export const EXAMPLES: readonly Example[] = [
  ["workbench watch /var/log/desk --label desk"],
  ["workbench watch exports --once --json"],
];

export const NOTES = `
Lines are read as they are written, a tail at a time; files that are read whole are taken when nobody has
written to them for a while. A log that is rotated (app.log.1) is read to its end. Each import is a segment, so
a longer --interval makes fewer of them. A kill at any point loses and doubles nothing: the next watch reads on.`;
