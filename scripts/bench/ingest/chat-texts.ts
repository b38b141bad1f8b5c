import { seeded } from "../../../workbench/stats/random.ts";
import type { Random } from "../../../workbench/stats/random.ts";
import { labelledSet } from "../../../workbench/redact/testing/labelled.ts";

const PROSE = (
  "the order shipped yesterday please check my refund and tell me about delivery to new address because " +
  "nobody answers when customers write again so we would rather cancel everything than wait another week " +
  "function returns value error message server request response token count password reset account agent"
).split(" ");

const pick = <T>(random: Random, list: readonly T[]): T => list[random.below(list.length)] as T;
const two = (n: number): string => String(n).padStart(2, "0");

/** What chats with assistants have beside prose, and none of it is personal. */
const SPICE: readonly ((random: Random) => string)[] = [
  (r) => String(r.below(2000)),
  (r) => `${1 + r.below(99)}.${two(r.below(100))}`,
  (r) => `order ${100_000 + r.below(900_000)}`,
  (r) => `#${10_000_000 + r.below(90_000_000)}`,
  (r) => `2026-${two(1 + r.below(12))}-${two(1 + r.below(28))}`,
  (r) => `2026-${two(1 + r.below(12))}-${two(1 + r.below(28))}T${two(r.below(24))}:${two(r.below(60))}:00Z`,
  (r) => `https://shop.example.org/items/${r.below(100_000)}/${pick(r, PROSE)}?page=${r.below(9)}`,
  (r) => `v${r.below(9)}.${r.below(20)}.${r.below(30)}`,
  (r) =>
    `\n\`\`\`ts\nconst ${pick(r, PROSE)}_total = ${pick(r, PROSE)}[${r.below(9)}] + ${r.below(100)}; // ${pick(r, PROSE)}\nreturn { ${pick(r, PROSE)}: "${pick(r, PROSE)}" };\n\`\`\`\n`,
  (r) => `| ${pick(r, PROSE)} | ${r.below(1000)} | ${r.below(100)} % |\n|-----|-----|-----|`,
  (r) =>
    Array.from({ length: 8 }, () => r.below(0x1_0000).toString(16).padStart(4, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"), // prettier-ignore
];

/**
 * Messages of chats with assistants: prose of 40 to 400 words, on average every 25th word a number, date, URL,
 * code or table, 3 % of them with one piece of personal data. Same seed, same texts.
 */
export function chatTexts(count: number, seed = "chat"): readonly string[] {
  const random = seeded(seed);
  const personal = labelledSet(20, "bench").filter(({ isEntity }) => isEntity);
  return Array.from({ length: count }, () => {
    const words = Array.from({ length: 40 + random.below(360) }, () =>
      random.below(25) === 0 ? pick(random, SPICE)(random) : pick(random, PROSE),
    );
    if (random.below(100) < 3) words.splice(random.below(words.length), 0, pick(random, personal).text);
    return words.join(" ");
  });
}
