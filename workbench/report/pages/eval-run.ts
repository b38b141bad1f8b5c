import type { EvalResult } from "../../schema/run.ts";
import type { Loaded } from "../evidence.ts";
import { difference, level, moment, short, unitOf } from "../format.ts";
import type { Html } from "../html.ts";
import { html, page } from "../html.ts";
import { metricName } from "../metric-name.ts";
import { provenance } from "../provenance.ts";
import { table } from "../table.ts";

export interface EvalRunParts {
  readonly run: Loaded<EvalResult>;
  readonly decisions: readonly { readonly id: string; readonly question: string }[];
  /** Attachments of the sample browser, or null when samples are left out. */
  readonly samples: { readonly index: string; readonly shards: readonly string[] } | null;
}

/** An evaluation run's page (R3): every arm side by side, and a browser over its samples. */
export function evalRunPage({ run, decisions, samples }: EvalRunParts): string {
  const { result, manifest } = run;
  const arms = result.arms.map(({ arm }) => arm);
  const metrics = [...new Set(arms.flatMap((arm) => Object.keys(result.metrics[arm] ?? {})))].filter(
    (name) => !COUNTS.test(name) && arms.some((arm) => (result.metrics[arm]?.[name] ?? null) !== null),
  );
  metrics.sort((a, b) => Number(b === result.suite.primary) - Number(a === result.suite.primary));
  const browser =
    samples === null
      ? [html`<p class="muted">Samples were left out of this build.</p>`]
      : [
          html`<div id="samples">
            <p class="muted">The sample browser needs scripts; the figures above do not.</p>
          </div>`,
        ];
  return page(
    `Run ${result.suite.name}`,
    [
      html`<p class="crumb"><a href="../">Decisions</a> / runs / ${run.id}</p>`,
      html`<h1>Evaluation run ${result.suite.name}</h1>`,
      html`<p class="lead">
        ${result.done} of ${result.planned} answers scored, ${result.failed} failed, ${result.notRun} not
        run${result.reason === null ? "" : ` (${result.reason})`}. Started ${moment(manifest?.at ?? null)}.
      </p>`,
      table({
        caption:
          "Every metric of every arm with its standard error, each a query over the rows of samples.jsonl; tokens and cost are of all answers",
        head: ["metric", ...arms],
        numeric: arms.map((_, i) => i + 1),
        rows: metrics.map((metric) => [
          html`${metric === "costUsd" ? "cost" : metricName(metric)}${metric === result.suite.primary ? html` <span class="muted">primary</span>` : html``}`,
          ...arms.map(
            (arm) =>
              html`${level(result.metrics[arm]?.[metric] ?? null, unitOf(metric))}${error(result.metrics[arm]?.[`${metric}.se`], metric)}`,
          ),
        ]),
      }),
      html`<h2>Arms</h2>`,
      table({
        caption: "What answered",
        head: ["arm", "model", "digest", "training run"],
        rows: result.arms.map(({ arm, model, digest, run: trained }) => [
          html`${arm}`,
          html`${model}`,
          html`<code>${short(digest)}</code>`,
          trained === null ? html`–` : html`<a href="./${trained}">${trained}</a>`,
        ]),
      }),
      html`<h2>Decisions that stand on it</h2>`,
      decisions.length === 0
        ? html`<p>None yet.</p>`
        : html`<ul>
            ${decisions.map(({ id, question }) => html`<li><a href="../experiments/${id}">${question}</a></li>`)}
          </ul>`,
      html`<h2>Samples</h2>`,
      ...browser,
      provenance(run.sources, [
        ["suite", `sha256:${result.suite.sha256}`],
        ...result.files.map(({ path, sha256 }) => [path, `sha256:${sha256}`] as const),
      ]),
    ],
    samples === null ? [] : [browserCell(samples, result.suite.primary)],
  );
}

/** Standard error, sample count and unscored count stand beside their metric, not as rows of their own. */
const COUNTS = /\.(?:se|n|unscored)$/;

function error(value: number | null | undefined, metric: string): Html {
  if (value === null || value === undefined || value === 0) return html``;
  return html` <span class="muted">± ${difference(value, unitOf(metric)).replace(/^\+| points$/g, "")}</span>`;
}

function browserCell({ index, shards }: NonNullable<EvalRunParts["samples"]>, primary: string): string {
  const files = shards.map((shard) => `FileAttachment("../data/${shard}")`).join(", ");
  return [
    `import {browseSamples} from "../components/samples.js";`,
    `browseSamples(document.querySelector("#samples"), await FileAttachment("../data/${index}").json(), [${files}], ${JSON.stringify(primary)});`,
  ].join("\n");
}
