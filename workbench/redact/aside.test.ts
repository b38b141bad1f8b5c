import fc from "fast-check";
import { expect, test } from "vitest";
import { ASIDE_MARK } from "../schema/aside.ts";
import { DEFAULT_POLICY, makePolicy } from "./policy.ts";
import { redactValue } from "./redact.ts";
import type { About } from "./redact.ts";
import type { Replaced } from "./report.ts";
import { pseudonym } from "./pseudonym.ts";
import { labelledSet } from "./testing/labelled.ts";
import { setAside, withoutStandIns } from "./testing/set-aside.ts";

const key = Buffer.alloc(32, 3);
const LEAST = 64;

const USERS = ["mia_li_3668", "li_3668", "jürgen.7", "u@x", "guest-4", "team:red"];
const POLICIES = [
  DEFAULT_POLICY,
  makePolicy({ names: ["Ann Lee", "Zoë"], customerIds: ["C-4711"], scope: "conversation" }),
  makePolicy({ style: "surrogate", allow: ["ip"] }),
];

const piece = fc.oneof(
  { arbitrary: fc.constantFrom(...labelledSet(6, "aside").map(({ text }) => text)), weight: 3 },
  fc.constantFrom(...USERS, "Ann Lee", "ANN LEE", "Zoë", "C-4711"),
  fc.constantFrom(
    "４１１１ １１１１ １１１１ １１１１",
    "a\u200bnn@exam\u00adple.org",
    "٠٦-١٢٣٤٥٦٧٨",
    "café 東京 🙂 naïve",
    pseudonym({ kind: "EMAIL", normal: "x" }, key),
    "user-abcdefghij@example.com",
    "4111 1111 1111 1112",
  ),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.stringMatching(/^[\w .:@+/-]{0,20}$/),
);
const PROSE = "the order shipped yesterday please check my refund and tell me about delivery to the address";
const filler = fc.integer({ min: 0, max: PROSE.length }).map((length) => PROSE.slice(0, length));
const text = fc
  .tuple(fc.array(fc.oneof(piece, filler), { maxLength: 6 }), fc.constantFrom(" ", " ", "", "\n"))
  .map(([pieces, between]) => pieces.join(between).replaceAll(ASIDE_MARK, ""));

const name = fc.oneof(fc.constantFrom("password", "api_key", "content", "messages", "made", "note"), piece);
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    text,
    fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .array(fc.tuple(name, tie("value")), { maxLength: 5 })
      .map((members) =>
        Object.fromEntries(members.map(([member, item]) => [member.replaceAll(ASIDE_MARK, ""), item])),
      ),
  ),
})).value;

function outcome(given: unknown, policy: (typeof POLICIES)[number], about: About): object {
  const replaced: Replaced[] = [];
  const { aside = null } = about;
  const told = { ...about, onReplaced: (one: Replaced) => void replaced.push(one) };
  const { value: clean, counts, left, isBroken } = redactValue(given, policy, key, told);
  return {
    clean: JSON.stringify(aside === null ? clean : withoutStandIns(clean, aside)),
    counts,
    left,
    isBroken,
    replaced,
  };
}

test("a text that is set aside is redacted as the text itself: same values, counts, leavings, reports", () => {
  const users = fc.subarray(USERS);
  fc.assert(
    fc.property(value, fc.constantFrom(...POLICIES), users, (given, policy, ids) => {
      const about = { users: ids, scope: "c1", made: new Set(["made"]) };
      const { value: short, aside } = setAside(given, LEAST);
      expect(outcome(short, policy, { ...about, aside })).toEqual(outcome(given, policy, about));
    }),
    { numRuns: 1500 },
  );
});

test("a long text that comes again is known by all its bytes, and what is left in it is told each time", () => {
  const base = `${PROSE}; `.repeat(8);
  const ends = ["", "é", "ann@example.org", "mia_li_3668", "4111 1111 1111 1112", "no. 12345678"];
  const long = fc
    .tuple(fc.constantFrom(...ends), fc.nat({ max: 2 }), fc.nat({ max: base.length }))
    .map(([end, change, at]) => {
      const text = `${base}${end}`;
      return change > 0 ? text : `${text.slice(0, at)}${end}${text.slice(at + end.length)}`;
    });
  const records = fc.array(fc.tuple(fc.array(long, { maxLength: 5 }), fc.subarray(USERS)), { maxLength: 12 });
  fc.assert(
    fc.property(records, fc.constantFrom({}, { names: ["Ann Lee"] }), (log, options) => {
      const policy = makePolicy(options);
      for (const [texts, users] of [...log, ...log, ...log]) {
        const { value: short, aside } = setAside(texts, LEAST);
        expect(outcome(short, policy, { users, aside })).toEqual(
          outcome(texts, makePolicy(options), { users }),
        );
      }
    }),
    { numRuns: 100 },
  );
});

test("what is known of long texts is bounded, and what was forgotten is searched again", () => {
  const policy = makePolicy();
  for (let n = 0; n < 3; n++)
    for (const letter of "abcdefghijklmnopqrst") {
      const texts = ["", " ann@example.org"].map((end) => `${letter} `.repeat(100_000) + end);
      const { value: short, aside } = setAside(texts, LEAST);
      expect(redactValue(short, policy, key, { aside }).counts).toEqual({ EMAIL: 1 });
    }
});

const LONG = `${PROSE}, ${PROSE}`;
const [WITH_MAIL, WITH_USER] = [`${LONG} ann@example.org`, `${LONG} mia_li_3668`];

test("a stand-in stays while nothing is found in its text; what was come by is marked", () => {
  const given = {
    made: LONG,
    text: LONG,
    mail: WITH_MAIL,
    note: [WITH_USER],
    password: LONG,
    n: `${LONG} é`,
  };
  const { value: short, aside } = setAside(given, LEAST);
  const about = { aside, users: ["mia_li_3668"], made: new Set(["made"]) };
  const clean = redactValue(short, DEFAULT_POLICY, key, about).value as Record<string, unknown>;
  expect(clean["text"]).toBe((short as typeof given).text);
  expect(clean["n"]).toBe((short as typeof given).n);
  expect(clean["mail"]).toMatch(/^the order .* \[EMAIL:\w{10}\]$/);
  expect(clean["note"]).toEqual([expect.stringMatching(/^the order .* \[USER:\w{10}\]$/)]);
  expect(clean["password"]).toMatch(/^\[SECRET:\w{10}\]$/);
  expect([...aside.seen]).toEqual([0, 1, 1, 1, 1, 1]);
});

test("a mark that no stand-in explains is told: put together, unknown, or in a name", () => {
  const { value: short, aside } = setAside([LONG], LEAST);
  const isBroken = (given: unknown): boolean => redactValue(given, DEFAULT_POLICY, key, { aside }).isBroken;
  expect(isBroken(short)).toBe(false);
  const [standIn] = short as readonly string[];
  for (const given of [`${standIn}\n`, `system: ${standIn}`, `${ASIDE_MARK}1`, `${ASIDE_MARK}x`, ASIDE_MARK])
    expect([isBroken([given]), isBroken({ password: given }), isBroken({ [given]: 1 })]).toEqual([
      true,
      true,
      true,
    ]);
  expect(isBroken({ [standIn ?? ""]: 1 })).toBe(true);
  expect(redactValue([`${standIn}\n`], DEFAULT_POLICY, key).isBroken).toBe(false);
});

test("ids that are so long that they were set aside are looked for, and tell conversations apart", () => {
  const policy = makePolicy({ scope: "conversation" });
  const user = `https://id.example.org/people/${"a1".repeat(30)}`;
  const given = { user, scope: "c".repeat(70), text: `I am ${user}, ann@example.org` };
  const { value, aside } = setAside(given, LEAST);
  const short = value as typeof given;
  const about = (of: typeof given): About => ({ users: [of.user], scope: of.scope });
  const clean = redactValue(short.text, policy, key, { ...about(short), aside }).value;
  expect(clean).toBe(redactValue(given.text, policy, key, about(given)).value);
  expect(clean).toMatch(/^I am \[USER:\w{10}\], \[EMAIL:\w{10}\]$/);
});

test("without redaction a value stays as it is, stand-ins and all", () => {
  const { value: short, aside } = setAside([WITH_MAIL], LEAST);
  const outcome = redactValue(short, makePolicy({ redact: false }), key, { aside });
  expect(outcome).toEqual({ value: short, counts: {}, left: {}, isBroken: false });
});
