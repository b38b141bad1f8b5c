import type { TrainResult } from "../../schema/run.ts";
import { curve } from "../curve.ts";
import type { Series } from "../curve.ts";
import type { Loaded } from "../evidence.ts";
import { fixed, grouped, moment, short, usd } from "../format.ts";
import type { Html } from "../html.ts";
import { html, page } from "../html.ts";
import { provenance } from "../provenance.ts";
import { table } from "../table.ts";

type Line = Readonly<Record<string, unknown>>;

export interface TrainRunParts {
  readonly run: Loaded<TrainResult>;
  /** The lines of metrics.jsonl. */
  readonly metrics: readonly Line[];
  /** The lock's flat `effective` values. */
  readonly effective: Readonly<Record<string, unknown>>;
  readonly datasetPage: string | null;
}

/** A training run's page (R3): curves, what was learned from, configuration, environment, parity. */
export function trainRunPage({ run, metrics, effective, datasetPage }: TrainRunParts): string {
  const { result, manifest } = run;
  const charts = CHARTS.map(([title, kind, names]) =>
    curve(
      title,
      names.map((name) => seriesOf(metrics, kind, name)).filter(({ points }) => points.length > 1),
    ),
  );
  const drawn = charts.filter(({ text }) => text.includes("<svg"));
  const dataset = `${result.dataset.name} ${short(result.dataset.digest)}`;
  return page(`Run ${result.recipe}`, [
    html`<p class="crumb"><a href="../">Decisions</a> / runs / ${run.id}</p>`,
    html`<h1>Training run ${result.recipe}</h1>`,
    html`<p class="lead">
      ${result.method} from
      ${result.start === null ? html`the base ${result.base.model}` : html`run <a href="./${result.start}">${result.start}</a>`}
      on ${datasetPage === null ? dataset : html`<a href="../datasets/${datasetPage}">${dataset}</a>`}:
      ${grouped(result.steps)} steps in ${fixed(result.seconds, 1)} s, started
      ${moment(manifest?.at ?? null)}, cost ${usd(result.costUsd)}.
    </p>`,
    html`<h2>Curves</h2>`,
    drawn.length === 0
      ? html`<p class="muted">No steps were recorded.</p>`
      : html`<div class="curves">${drawn}</div>`,
    html`<h2>At the end</h2>`,
    table({
      caption: "Metrics of the finished run",
      head: ["metric", "value"],
      numeric: [1],
      rows: Object.entries(result.metrics).map(([name, value]) => [
        html`${name}`,
        html`${value === null ? "not measured" : Number(value.toPrecision(5))}`,
      ]),
    }),
    html`<h2>Parity of the export</h2>`,
    parity(result.parity),
    html`<h2>Configuration</h2>`,
    table({
      caption: "Every value that was in force, written or defaulted, as the lock holds it",
      head: ["setting", "value"],
      rows: Object.entries(effective).map(([name, value]) => [
        html`<code>${name}</code>`,
        html`${typeof value === "string" ? value : JSON.stringify(value)}`,
      ]),
    }),
    html`<h2>Environment</h2>`,
    html`<p>
      ${manifest?.host.os ?? "unknown system"}, ${manifest?.host.cpus ?? "?"} processors, Node
      ${manifest?.host.node ?? "?"}.
    </p>`,
    provenance(run.sources, [
      ["lock", `sha256:${result.lockSha256}`],
      ...result.artifacts.map(({ path, sha256 }) => [path, `sha256:${sha256}`] as const),
    ]),
  ]);
}

const CHARTS = [
  ["Loss", "train.step", ["loss"]],
  ["Validation loss", "train.eval", ["evalLoss"]],
  ["Learning rate", "train.step", ["lr"]],
  ["Gradient norm, before the clip", "train.step", ["gradNorm"]],
  ["Log-probability of chosen and rejected", "train.step", ["chosenLogProb", "rejectedLogProb"]],
] as const;

function seriesOf(metrics: readonly Line[], kind: string, name: string): Series {
  const points = metrics
    .filter((line) => line["kind"] === kind)
    .map((line) => line["data"] as Line)
    .flatMap((data): readonly (readonly [number, number])[] => {
      const [x, y] = [data["step"], data[name]];
      return typeof x === "number" && typeof y === "number" ? [[x, y]] : [];
    });
  // A page needs the shape, not ten thousand points.
  const every = Math.max(1, Math.floor(points.length / 240));
  return { name, points: points.filter((_, i) => i % every === 0 || i === points.length - 1) };
}

function parity(found: TrainResult["parity"]): Html {
  if (found === null) return html`<p>Not checked: without it this model cannot get an alias.</p>`;
  return html`<section class="health">
    <ul>
      ${found.checks.map(({ name, passed, detail }) => html`<li class="${passed ? "good" : "bad"}"><span aria-hidden="true">${passed ? "✓" : "✕"}</span> <strong>${name}</strong> ${detail}</li>`)}
    </ul>
  </section>`;
}
