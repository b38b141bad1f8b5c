import { seeded } from "../../stats/random.ts";
import type { Random } from "../../stats/random.ts";
import { ibanChecks, luhn } from "../checksum.ts";
import type { EntityKind } from "../detector.ts";

/** A text, and what stands in it; null when it only looks like something. */
export interface Labelled {
  readonly kind: EntityKind;
  readonly text: string;
  readonly value: string;
  readonly isEntity: boolean;
}

type Make = (random: Random) => string;

const pick = <T>(random: Random, list: readonly T[]): T => list[random.below(list.length)] as T;
const digits = (random: Random, count: number): string =>
  Array.from({ length: count }, () => random.below(10)).join("");
const chars = (random: Random, alphabet: string, count: number): string =>
  Array.from({ length: count }, () => alphabet.charAt(random.below(alphabet.length))).join("");
const HEX = "0123456789abcdef";
const ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const withCheck = (body: string): string => {
  for (let check = 0; check < 10; check++) if (luhn(`${body}${check}`)) return `${body}${check}`;
  throw new Error("no check digit");
};
const cardNumber: Make = (random) => {
  const [prefix, length] = pick(random, [
    ["4", 16],
    ["51", 16],
    ["55", 16],
    ["2221", 16],
    ["37", 15],
    ["6011", 16],
    ["35" + "30", 16],
    ["4", 13],
    ["62", 19],
  ] as const);
  return withCheck(prefix + digits(random, length - prefix.length - 1));
};
const grouped = (number: string, separator: string): string =>
  number.length === 15
    ? [number.slice(0, 4), number.slice(4, 10), number.slice(10)].join(separator)
    : (number.match(/.{1,4}/g) ?? []).join(separator);
const ibanOf: Make = (random) => {
  const [country, make] = pick(random, [
    ["DE", () => digits(random, 18)],
    ["FR", () => digits(random, 10) + chars(random, "ABCDEFGHJK0123456789", 11) + digits(random, 2)],
    ["GB", () => chars(random, "ABCDEFGHJKLMNPRSTUW", 4) + digits(random, 14)],
    ["ES", () => digits(random, 20)],
    ["NL", () => chars(random, "ABINGR", 4) + digits(random, 10)],
    ["NO", () => digits(random, 11)],
  ] as const);
  const body = make();
  for (let check = 2; check <= 98; check++) {
    const iban = `${country}${String(check).padStart(2, "0")}${body}`;
    if (ibanChecks(iban)) return iban;
  }
  throw new Error("no check digits");
};
const name: Make = (random) =>
  pick(random, ["ann", "lee.jones", "m_smith", "o'brien", "zoë", "x+tag", "first.last-99"]);

/** Values that must be found. */
const ENTITIES: Readonly<Partial<Record<EntityKind, readonly Make[]>>> = {
  EMAIL: [
    (r) =>
      `${name(r)}${r.below(999)}@${pick(r, ["example.org", "mail.example.co.uk", "bücher.example", "sub-domain.example.museum"])}`,
  ],
  PHONE: [
    (r) =>
      `+${pick(r, ["1", "49", "33", "44", "351"])} ${pick(r, ["20", "30", "415", "612"])} ${digits(r, 3)} ${digits(r, 4)}`,
    (r) => `+${pick(r, ["1", "44", "49"])}${1 + r.below(9)}${digits(r, 9)}`,
    (r) => `(${2 + r.below(8)}${digits(r, 2)}) ${digits(r, 3)}-${digits(r, 4)}`,
    (r) => `${2 + r.below(8)}${digits(r, 2)}${pick(r, ["-", ".", " "])}${digits(r, 3)}~${digits(r, 4)}`,
    (r) => `0${1 + r.below(9)} ${digits(r, 2)} ${digits(r, 2)} ${digits(r, 2)} ${digits(r, 2)}`,
    (r) => `020 ${digits(r, 4)} ${digits(r, 4)}`,
    (r) => `030/${1 + r.below(9)}${digits(r, 6)}`,
  ],
  CARD: [
    cardNumber,
    (r) => grouped(withCheck(`5${1 + r.below(5)}${digits(r, 13)}`), " "),
    (r) => grouped(withCheck(`4${digits(r, 14)}`), "-"),
    (r) => grouped(withCheck(`37${digits(r, 12)}`), " "),
  ],
  IBAN: [ibanOf, (r) => grouped(ibanOf(r), " "), (r) => ibanOf(r).toLowerCase()],
  SSN: [
    (r) =>
      `${String(1 + r.below(665)).padStart(3, "0")}-${String(1 + r.below(99)).padStart(2, "0")}-${String(1 + r.below(9999)).padStart(4, "0")}`,
  ],
  IP: [
    (r) => Array.from({ length: 4 }, () => r.below(256)).join("."),
    (r) => `2001:db8:${chars(r, HEX, 3)}::${chars(r, HEX, 4)}`,
    (r) => Array.from({ length: 8 }, () => `${1 + r.below(9)}${chars(r, HEX, 3)}`).join(":"),
  ],
  MAC: [(r) => Array.from({ length: 6 }, () => chars(r, HEX, 2)).join(pick(r, [":", ":"]))],
  SECRET: [
    (r) => `sk-${chars(r, ALNUM, 40)}`,
    (r) => `sk-proj-${chars(r, ALNUM, 60)}`,
    (r) => `ghp_${chars(r, ALNUM, 36)}`,
    (r) => `AKIA${chars(r, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)}`,
    (r) => `AIza${chars(r, ALNUM, 35)}`,
    (r) => `xoxb-${digits(r, 11)}-${chars(r, ALNUM, 24)}`,
    (r) => `hf_${chars(r, ALNUM, 34)}`,
    (r) => `glpat-${chars(r, ALNUM, 20)}`,
    (r) => `sk_live_${chars(r, ALNUM, 24)}`,
  ],
  JWT: [
    (r) =>
      `${Buffer.from(`{"alg":"HS256","kid":"${digits(r, 4)}"}`).toString("base64url")}.${chars(r, ALNUM, 40)}.${chars(r, ALNUM, 43)}`,
  ],
  URL_PASSWORD: [(r) => `user:${chars(r, ALNUM, 12)}`],
  PRIVATE_KEY: [
    (r) => `-----BEGIN RSA PRIVATE KEY-----\n${chars(r, ALNUM, 64)}\n-----END RSA PRIVATE KEY-----`,
  ],
};

/** Look-alikes that must stay. */
const LOOKALIKES: Readonly<Partial<Record<EntityKind, readonly Make[]>>> = {
  EMAIL: [(r) => `@user${r.below(99)}`, () => "a@b", (r) => `pkg@${r.below(9)}.2.1`],
  PHONE: [
    (r) => `2026-11-${10 + r.below(18)}`,
    (r) => `${10 + r.below(18)}.11.2026`,
    (r) => `order ${digits(r, 10)}`,
    (r) => `1 000 ${100 + r.below(899)} 000`,
    (r) => `2026-11-20 0${r.below(9)}:15:00`,
    (r) => `$${200 + r.below(700)}.50`,
    (r) => `#${digits(r, 12)}`,
  ],
  CARD: [
    (r) => {
      const valid = cardNumber(r);
      return valid.slice(0, -1) + String((Number(valid.at(-1)) + 1) % 10);
    },
    (r) => `order_${digits(r, 16)}`,
    (r) => `1${digits(r, 15)}`,
  ],
  IBAN: [
    (r) => {
      const valid = ibanOf(r);
      return (
        valid.slice(0, 2) + String((Number(valid.slice(2, 4)) + 1) % 97).padStart(2, "0") + valid.slice(4)
      );
    },
    (r) => `AB12${chars(r, "ABCDEFG0123", 14)}`,
  ],
  SSN: [
    (r) => `000-12-${1000 + r.below(8999)}`,
    (r) => `9${digits(r, 2)}-12-${1000 + r.below(8999)}`,
    (r) => `123-00-${1000 + r.below(8999)}`,
  ],
  IP: [
    (r) => `v1.${r.below(20)}.3.4`,
    (r) => `Chrome/12${r.below(9)}.0.0.0`,
    (r) => `${256 + r.below(700)}.1.1.1`,
    (r) => `1.2.3.4.${r.below(9)}`,
    () => "std::vector",
    (r) => `12:3${r.below(9)}:45`,
  ],
  MAC: [(r) => chars(r, HEX, 40), () => "12:34:56"],
  SECRET: [
    (r) => chars(r, HEX, 40),
    () => "sk-short",
    (r) => `the key word ${pick(r, ["important", "password", "tokens"])}`,
    () => "token: required",
  ],
  JWT: [() => "eyJ.not.jwt", () => "eyJhbGciOi"],
};

const SENTENCES: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => `my details: ${value}, please update`,
  (value) => `(${value})`,
  (value) => `Call or write ${value}.`,
  (value) => `"${value}"`,
  (value) => `first line\n${value}\nlast line`,
];

/** A labelled set: `each` values of every maker, entities and look-alikes. Same seed, same set. */
export function labelledSet(each: number, seed = "pii"): readonly Labelled[] {
  const random = seeded(seed);
  const set: Labelled[] = [];
  for (const [isEntity, makers] of [
    [true, ENTITIES],
    [false, LOOKALIKES],
  ] as const)
    for (const [kind, list] of Object.entries(makers))
      for (const make of list)
        for (let n = 0; n < each; n++) {
          const raw = make(random);
          // North America: one separator throughout.
          const value = raw.includes("~") ? raw.replace("~", /[-. ]/.exec(raw)?.[0] ?? "-") : raw;
          const text =
            kind === "URL_PASSWORD"
              ? `see https://${value}@db.example.org/x`
              : pick(random, SENTENCES)(value);
          set.push({ kind: kind as EntityKind, text, value, isEntity });
        }
  return set;
}
