import type { CostCard, Decision } from "../../schema/decision.ts";
import { armName } from "../arm-name.ts";
import type { Evidence, Loaded } from "../evidence.ts";
import { difference, interval, moment, short, usd } from "../format.ts";
import type { Html } from "../html.ts";
import { html, page } from "../html.ts";
import { metricName } from "../metric-name.ts";
import { table } from "../table.ts";
import { chip } from "../verdict.ts";

/** The decision board (R1): every candidate with its verdict, why, by whom and when; newest first. */
export function boardPage({ decisions, unreadable, trains, datasets }: Evidence): string {
  const count = (verdict: string): number =>
    decisions.filter(({ result }) => result.computed.verdict === verdict).length;
  const cards = [
    card("go", count("go"), "may replace the baseline"),
    card("no-go", count("no-go"), "shown to harm, or to fall short"),
    card(
      "not decided",
      count("inconclusive") + count("invalid") + unreadable.length,
      "more data, or a repair, is needed",
    ),
    card("training runs", trains.length, `from ${datasets.length} dataset versions`),
  ];
  const broken = unreadable.map(({ folder, what }) => [
    html`<code>${folder}</code>`,
    chip("invalid"),
    html`${what}`,
    html`–`,
    html`–`,
    html`–`,
    html`–`,
  ]);
  return page("Decisions", [
    html`<h1>Decisions</h1>`,
    html`<p class="lead">
      Each row is one question put to measured evidence under rules that were written down first.
    </p>`,
    html`<div class="cards">${cards}</div>`,
    table({
      caption: "Decisions, newest first",
      head: [
        "question",
        "verdict",
        "baseline → candidate",
        "main difference",
        "limits met",
        "cost of 1\u00a0000 answers",
        "decided",
      ],
      rows: [...broken, ...decisions.map(row)],
    }),
    html`<p class="muted">
      An interval, not a point, decides: <a href="./methods">how each number is made</a>.
    </p>`,
  ]);
}

function card(name: string, value: number, note: string): Html {
  return html`<div class="card">
    <p class="card-name">${name}</p>
    <p class="card-value">${value}</p>
    <p class="muted">${note}</p>
  </div>`;
}

function row({ id, result }: Loaded<Decision>): readonly Html[] {
  const { computed, envelope } = result;
  const primary = computed.effects.find(({ role }) => role === "primary");
  const guards = computed.effects.filter(({ role }) => role === "guardrail" || role === "floor");
  const unit = primary?.unit ?? "score";
  return [
    html`<a href="./experiments/${id}">${computed.question}</a>`,
    chip(computed.verdict),
    html`${armName(computed.baseline)} → ${armName(computed.candidate)}`,
    // An invalid comparison has no effect worth reading.
    primary && computed.verdict !== "invalid"
      ? html`${metricName(primary.metric)} ${difference(primary.estimate, unit)}
          <span class="muted">${interval(primary.lower, primary.upper, unit)}</span>`
      : html`–`,
    html`${guards.length === 0 ? "none set" : `${guards.filter(({ passed }) => passed === true).length} of ${guards.length}`}`,
    html`${costLine(computed.cost)}`,
    html`${envelope.by}, ${moment(envelope.at)} <span class="muted">${short(result.id)}</span>`,
  ];
}

function costLine({ baseline, candidate }: CostCard): string {
  if (baseline.usdPerThousand === null && candidate.usdPerThousand === null) return "not measured";
  return `${usd(baseline.usdPerThousand)} → ${usd(candidate.usdPerThousand)}`;
}
