import { usd } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { table } from "./table.ts";

type Card = Readonly<Record<string, unknown>>;

const number = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Cost of both arms as the decision recorded it; what has no price is blank, never 0. */
export function costCard(cost: Card): Html {
  const rows = Array.isArray(cost["rows"]) ? (cost["rows"] as readonly Card[]) : [];
  const lines = Array.isArray(cost["notes"]) ? (cost["notes"] as readonly unknown[]) : [];
  if (rows.length === 0) return html`<p>Not measured: no price is known for these models.</p>`;
  return html`${table({
    caption: "What each arm costs, from the tokens of this run and the dated price table",
    head: ["", "baseline", "candidate"],
    numeric: [1, 2],
    rows: rows.map((row) => [
      html`${String(row["name"])}`,
      html`${usd(number(row["baseline"]))}`,
      html`${usd(number(row["candidate"]))}`,
    ]),
  })}${lines.map((line) => html`<p>${String(line)}</p>`)}`;
}
