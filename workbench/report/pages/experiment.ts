import type { Decision } from "../../schema/decision.ts";
import type { SampleRow } from "../../schema/run.ts";
import { armName } from "../arm-name.ts";
import { brief } from "../brief.ts";
import { costCard } from "../cost-card.ts";
import type { Loaded, Source } from "../evidence.ts";
import { forest } from "../forest.ts";
import { moment, short } from "../format.ts";
import { besideTests } from "../beside.ts";
import { health } from "../health.ts";
import type { Html } from "../html.ts";
import { html, page } from "../html.ts";
import { metricName } from "../metric-name.ts";
import { metricTable } from "../metric-table.ts";
import { provenance } from "../provenance.ts";
import { sliceTable } from "../slices.ts";
import { banner } from "../verdict.ts";

export interface ExperimentParts {
  readonly decision: Loaded<Decision>;
  /** The eval run the decision stands on, for the link to its samples; null when it is not here. */
  readonly evalRun: string | null;
  readonly sources: readonly Source[];
  /** The attachment with the worst pairs, or null when samples are left out. */
  readonly pairsFile: string | null;
}

/** The go/no-go page of one decision (R2), in the order a reader needs it. */
export function experimentPage({ decision, evalRun, sources, pairsFile }: ExperimentParts): string {
  const { computed, envelope, id } = decision.result;
  const invalid = computed.verdict === "invalid";
  const isOnline = computed["online"] !== undefined;
  const blocks: Html[] = [
    html`<p class="crumb"><a href="../">Decisions</a> / ${short(id)} / ${moment(envelope.at)}</p>`,
    html`<h1>${computed.question}</h1>`,
    html`<p class="lead">
      ${armName(computed.baseline)} (baseline) against ${armName(computed.candidate)} (candidate), on
      ${isOnline ? "" : "the suite "}${computed.suite}.
    </p>`,
    banner(computed.verdict, computed.sentence, computed.reasons),
    brief(computed),
    health(computed.health),
  ];
  // An invalid comparison has no effects worth reading: showing them would invite reading them.
  if (!invalid)
    blocks.push(
      html`<h2>Effects</h2>`,
      forest(computed.effects.filter(({ role }) => role !== "floor")),
      metricTable(computed.effects, isOnline ? "units" : "pairs"),
      besideTests(computed.effects),
      html`<h2>Slices</h2>`,
      sliceTable(computed.slices),
      // Live traffic has no pairs: each unit met one arm.
      ...(isOnline ? [] : [html`<h2>Pairs won and lost</h2>`, flips(computed, evalRun)]),
      ...(pairsFile === null
        ? []
        : [
            html`<div id="pairs" class="pairs">
              <p class="muted">The worst pairs are drawn here when scripts may run.</p>
            </div>`,
          ]),
      html`<h2>Cost</h2>`,
      costCard(computed.cost),
    );
  blocks.push(
    html`<h2>Decision</h2>`,
    html`<p>
      Recorded by ${envelope.by} on ${moment(envelope.at)}. Anyone can recompute it, to the last bit, from the
      files below: <code>workbench verify ${decision.id}</code>
    </p>`,
    provenance(sources, [
      ["record", `sha256:${id}`],
      ["policy", `${computed.policy.name} sha256:${computed.policy.sha256}`],
      ["seed", String(computed.seed)],
      ["commit", envelope.commit ?? "not in a git checkout"],
      ["node", envelope.node],
      ["registry log head", envelope.logHead ?? "none yet"],
    ]),
  );
  return page(computed.question, blocks, pairsFile === null || invalid ? [] : [pairsCell(pairsFile)]);
}

function pairsCell(file: string): string {
  return [
    `import {showPairs} from "../components/pairs.js";`,
    `showPairs(document.querySelector("#pairs"), await FileAttachment("../data/${file}").json());`,
  ].join("\n");
}

function flips({ flips: ledger, effects }: Decision["computed"], evalRun: string | null): Html {
  const { fixed, broken, bothRight, bothWrong } = ledger;
  const primary = effects.find(({ role }) => role === "primary");
  const more = evalRun === null ? html`` : html` <a href="../runs/${evalRun}">All samples of this run</a>.`;
  return html`<table class="two-by-two">
      <caption>
        Each item under both arms${primary === undefined ? "" : `, by ${metricName(primary.metric)}`}
      </caption>
      <thead>
        <tr>
          <td></td>
          <th scope="col">candidate right</th>
          <th scope="col">candidate wrong</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">baseline right</th>
          <td class="num">${bothRight}</td>
          <td class="num bad">${broken} broken</td>
        </tr>
        <tr>
          <th scope="row">baseline wrong</th>
          <td class="num good">${fixed} fixed</td>
          <td class="num">${bothWrong}</td>
        </tr>
      </tbody>
    </table>
    <p>${more}</p>`;
}

/** A pair of answers to one item, as the page's JSON carries it. */
export interface PairOutput {
  readonly label: string;
  readonly delta: number;
  readonly input: unknown;
  readonly expected: unknown;
  readonly baseline: string | null;
  readonly candidate: string | null;
}

/** The worst pairs of a decision with both outputs; text only ever travels as JSON. */
export function worstPairs(decision: Decision, rows: readonly SampleRow[]): readonly PairOutput[] {
  const { baseline, candidate, flips: ledger } = decision.computed;
  const find = (arm: string, sampleId: string): SampleRow | undefined =>
    rows.find((row) => row.arm === arm && row.sampleId === sampleId);
  return ledger.worst.slice(0, 10).map(({ sampleId, delta }) => {
    const [one, two] = [find(baseline.arm, sampleId), find(candidate.arm, sampleId)];
    return {
      label: one?.label ?? short(sampleId),
      delta,
      input: one?.input ?? null,
      expected: one?.expected ?? null,
      baseline: one?.output ?? null,
      candidate: two?.output ?? null,
    };
  });
}
