// Prints recall and false alarms per entity on the generated labelled set, and the speed on chat text:
//   node workbench/redact/testing/figures.ts [values per maker, default 200]
import { seeded } from "../../stats/random.ts";
import { findEntities } from "../find.ts";
import { labelledSet } from "./labelled.ts";

const set = labelledSet(Number(process.argv[2] ?? 200));
const rows = new Map<string, { entities: number; found: number; lookalikes: number; alarms: number }>();
for (const { kind, text, value, isEntity } of set) {
  const row = rows.get(kind) ?? { entities: 0, found: 0, lookalikes: 0, alarms: 0 };
  rows.set(kind, row);
  const hits = findEntities(text).filter((entity) => entity.kind === kind);
  if (isEntity) {
    row.entities++;
    if (hits.some((hit) => hit.value === value)) row.found++;
  } else {
    row.lookalikes++;
    if (hits.length > 0) row.alarms++;
  }
}
console.log(`${set.length} values`);
console.table(
  Object.fromEntries(
    [...rows].map(([kind, row]) => [kind, { ...row, recall: (row.found / row.entities).toFixed(4) }]),
  ),
);

const random = seeded("speed");
const words =
  "the order shipped yesterday please check my refund and tell me about delivery to the new address".split(
    " ",
  );
const text = (): string =>
  Array.from({ length: 60 }, () => words[random.below(words.length)] ?? "").join(" ");
// 3 % of the messages hold something, one in five a number.
const messages = Array.from(
  { length: 50_000 },
  (_, n) => text() + (n % 33 === 0 ? ` ann${n}@example.org` : n % 5 === 0 ? ` order ${n}` : ""),
);
const bytes = messages.reduce((sum, message) => sum + message.length, 0);
const before = process.cpuUsage();
let hits = 0;
for (const message of messages) hits += findEntities(message).length;
const { user, system } = process.cpuUsage(before);
console.log(
  `${hits} hits, ${(bytes / 1e6).toFixed(1)} MB, ${(bytes / (user + system)).toFixed(0)} MB per CPU-second`,
);
