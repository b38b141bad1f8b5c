import { el, facts, readable } from "./text.js";

interface Row {
  readonly label: string;
  readonly item: string;
  readonly arm: string;
  readonly epoch: number;
  readonly status: string;
  readonly scores: Readonly<Record<string, number | null>>;
  readonly latencyMs: number | null;
  readonly slices: readonly string[];
}

interface Index {
  readonly arms: readonly string[];
  readonly shardRows: number;
  readonly rows: readonly Row[];
}

interface Attachment {
  readonly json: () => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** What the table shows of a row beside its item, arm and slices. */
interface Columns {
  readonly primary: string;
  /** Recorded answers have none. */
  readonly hasLatency: boolean;
}

const PAGE = 50;

/** The sample browser: filter by arm, outcome and slice; a row opens its texts. The filter lives in the URL. */
export function browseSamples(
  host: HTMLElement,
  index: Index,
  shards: readonly Attachment[],
  primary: string,
): void {
  const state = new URLSearchParams(location.hash.slice(1));
  const columns = { primary, hasLatency: index.rows.some(({ latencyMs }) => latencyMs !== null) };
  const list = el("div");
  const slices = [...new Set(index.rows.flatMap((row) => row.slices))].sort();
  const changed = (name: string, value: string): void => {
    if (value === "") state.delete(name);
    else state.set(name, value);
    history.replaceState(null, "", `#${state.toString()}`);
    draw();
  };
  const controls = el("div", null, "controls");
  controls.append(
    choice("Arm", ["", ...index.arms], state.get("arm"), (value) => changed("arm", value)),
    choice("Outcome", ["", "right", "wrong", "unscored", "failed"], state.get("outcome"), (value) =>
      changed("outcome", value),
    ),
    choice("Slice", ["", ...slices], state.get("slice"), (value) => changed("slice", value)),
  );
  const draw = (): void => {
    const found = index.rows
      .map((row, at) => ({ row, at }))
      .filter(({ row }) => matches(row, state, primary));
    const shown = found
      .slice(0, PAGE)
      .map(({ row, at }) => line(row, columns, () => texts(index, shards, at)));
    list.replaceChildren(
      el("p", `${found.length} answers, ${shown.length} shown`, "muted"),
      table(shown, columns),
    );
  };
  host.replaceChildren(controls, list);
  draw();
}

function matches(row: Row, state: URLSearchParams, primary: string): boolean {
  const [arm, outcome, slice] = [state.get("arm"), state.get("outcome"), state.get("slice")];
  const score = row.scores[primary] ?? null;
  const is =
    row.status === "failed" ? "failed" : score === null ? "unscored" : score >= 1 ? "right" : "wrong";
  return (!arm || row.arm === arm) && (!outcome || is === outcome) && (!slice || row.slices.includes(slice));
}

function line(row: Row, { primary, hasLatency }: Columns, open: () => Promise<Node>): HTMLTableRowElement {
  const tr = el("tr");
  const button = el("button", row.label, "open-row");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  const head = el("th");
  head.scope = "row";
  head.append(button);
  tr.append(head);
  const score = row.scores[primary] ?? null;
  tr.append(el("td", row.arm));
  tr.append(el("td", score === null ? "–" : String(Number(score.toFixed(3))), "num"));
  if (hasLatency) tr.append(el("td", row.latencyMs === null ? "–" : `${row.latencyMs} ms`, "num"));
  tr.append(el("td", row.slices.join(", "), "when"));
  button.addEventListener("click", async () => {
    const next = tr.nextElementSibling;
    if (next?.classList.contains("opened")) {
      next.remove();
      button.setAttribute("aria-expanded", "false");
      return;
    }
    const cell = el("td");
    cell.colSpan = tr.cells.length;
    cell.append(await open());
    const opened = el("tr", null, "opened");
    opened.append(cell);
    tr.after(opened);
    button.setAttribute("aria-expanded", "true");
  });
  return tr;
}

async function texts(index: Index, shards: readonly Attachment[], at: number): Promise<Node> {
  const rows = await shards[Math.floor(at / index.shardRows)]?.json();
  const sample = rows?.[at % index.shardRows] ?? {};
  const box = el("div", null, "sample-text");
  box.append(
    facts(
      ["input", "expected", "output", "error", "scores"].map(
        (name) => [name, readable(sample[name])] as const,
      ),
    ),
  );
  return box;
}

function table(rows: readonly HTMLTableRowElement[], { primary, hasLatency }: Columns): HTMLElement {
  const region = el("div", null, "scroll");
  region.tabIndex = 0;
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", "Samples");
  const whole = el("table");
  const head = el("thead");
  const names = el("tr");
  // Slices last: on a phone they are what may stand beyond the edge.
  for (const name of ["item", "arm", primary, ...(hasLatency ? ["latency"] : []), "slices"]) {
    const th = el("th", name, name === primary || name === "latency" ? "num" : "");
    th.scope = "col";
    names.append(th);
  }
  head.append(names);
  const body = el("tbody");
  body.append(...rows);
  whole.append(head, body);
  region.append(whole);
  return region;
}

function choice(
  name: string,
  values: readonly string[],
  now: string | null,
  change: (value: string) => void,
): HTMLLabelElement {
  const label = el("label", name);
  const select = el("select");
  for (const value of values) {
    const option = el("option", value === "" ? "all" : value);
    option.value = value;
    option.selected = value === (now ?? "");
    select.append(option);
  }
  select.addEventListener("change", () => change(select.value));
  label.append(select);
  return label;
}
