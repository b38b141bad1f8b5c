import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bsnChecks, cpfChecks, dniChecks, ibanChecks, luhn, nirChecks } from "./checksum.ts";
import { ENTITY_KINDS } from "./detector.ts";
import { findEntities } from "./find.ts";
import { keyedDigest, keyedDigestsOf } from "./keyed-digest.ts";
import { LEFT_OUT, LIBRARY } from "./prefixes.ts";
import { DEFAULT_POLICY, makePolicy } from "./policy.ts";
import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import { ruleName } from "./issued-secrets.ts";
import { redactionTally } from "./report.ts";
import { measure } from "./testing/measure.ts";
import { pseudonym, userKey } from "./pseudonym.ts";
import { redactValue } from "./redact.ts";
import { labelledSet } from "./testing/labelled.ts";
import { withUsers } from "./users.ts";

const key = Buffer.alloc(32, 3);
const redacted = (value: unknown, policy = DEFAULT_POLICY): unknown => redactValue(value, policy, key).value;

test("a labelled set of more than 2 000 values: recall and precision of every entity", () => {
  const set = labelledSet(60);
  expect(set.length).toBeGreaterThan(2000);
  const table = new Map<
    string,
    { there: number; found: number; lookalikes: number; wrong: string[]; missed: string[] }
  >();
  for (const { kind, text, value, isEntity } of set) {
    const row = table.get(kind) ?? { there: 0, found: 0, lookalikes: 0, wrong: [], missed: [] };
    table.set(kind, row);
    const hits = findEntities(text).filter((entity) => entity.kind === kind);
    if (isEntity) {
      row.there++;
      if (hits.some((hit) => hit.value === value)) row.found++;
      else row.missed.push(text);
    } else {
      row.lookalikes++;
      if (hits.length > 0) row.wrong.push(text);
    }
  }
  for (const [kind, row] of table) {
    expect(
      row.found / row.there,
      `${kind} missed ${row.missed.slice(0, 5).join(" | ")}`,
    ).toBeGreaterThanOrEqual(0.99);
    // Cards and IBANs with a wrong checksum are never touched; the others may err a little.
    const wrongShare = row.lookalikes === 0 ? 0 : row.wrong.length / row.lookalikes;
    expect(wrongShare, `${kind} wrongly ${row.wrong.slice(0, 5).join(" | ")}`).toBeLessThanOrEqual(
      kind === "CARD" || kind === "IBAN" ? 0 : 0.02,
    );
  }
});

test("cases by hand: what is missed is known and written down, no card or IBAN with a wrong checksum goes", () => {
  const hard = measure("hard");
  expect(hard.flatMap(({ missed }) => missed)).toEqual([
    "jo (at) example (dot) com",
    "jo@[192.0.2.1]", // an address of the range that surrogates are from
    "0612345678",
    "555-0100",
    "password: correct horse battery staple",
  ]);
  expect(hard.flatMap(({ wrong }) => wrong)).toEqual([]);
  for (const { kind, replaced } of measure("generated", 60))
    if (kind === "CARD" || kind === "IBAN") expect(replaced, kind).toBe(0);
});

test("one address has one token, as it is, percent-encoded, in a host's name or in a switch's spelling", () => {
  const same = (a: string, b: string): void =>
    expect(/\[\w+:\w+\]/.exec(redacted(a) as string)?.[0], a).toBe(
      /\[\w+:\w+\]/.exec(redacted(b) as string)?.[0],
    );
  same("?to=Jo%40example.com", "jo@example.com");
  same("ip-203-0-113-7.internal", "203.0.113.7");
  same("001A.2B3C.4D5E", "00:1a:2b:3c:4d:5e");
  expect(redacted('mail "jo doe"@example.com or jo@[198.51.100.7]')).toMatch(
    /^mail \[EMAIL:\w+\] or \[EMAIL:\w+\]$/,
  );
});

test("what only looks like one of these spellings stays", () => {
  for (const text of [
    "git%40github.com:org/repo",
    "npm i lodash%404.17.21",
    "https://registry.example/%40types%2fnode",
    'say "hello"@ noon, or ""@example.com',
    "list@[index] and a@[b]",
    "tip-1-2-3-4 of ip-300-1-1-1 and ip-1-2-3",
    "1234.5678.9012 dead.beef.cafe 12ab.34cd.56ef.78ab",
    "release 1.5.6.0-rc2, 2.0.0.1-beta",
  ])
    expect(redacted(text)).toBe(text);
});

test("every rule of the secrets library is asked, or left out by name", () => {
  const names = rules.map(({ meta }) => ruleName(meta.id)).sort();
  expect(names).toEqual([...Object.keys(LIBRARY), ...LEFT_OUT].sort());
});

test("a token goes whole, whatever token stands before it and however near", () => {
  const token = `sk-proj-${"aB3dE5gH".repeat(9)}`;
  for (const other of [
    `ghp_${"a1B2".repeat(9)}`,
    "task-force-management-of-risk",
    `AKIA${"ABCD2345".repeat(2)}`,
  ])
    for (let distance = 1; distance < 120; distance++) {
      const text = `${other}${" ".repeat(distance)}${token} is it`;
      const last = findEntities(text).at(-1);
      expect([last?.kind, last?.value], `${other} ${distance}`).toEqual(["SECRET", token]);
      // Cut off before a word's end, another word would begin with a prefix.
      expect(redacted(`task-force-management-of ${" ".repeat(distance)}${other}`)).not.toMatch(/ta\[SECRET/);
    }
});

test("surrogates are of documentation ranges, the same for the same value, and no entities themselves", () => {
  const policy = makePolicy({ style: "surrogate" });
  const text =
    "ann@corp.org, +49 30 1234567, 10.1.2.3, fe80::1:2, 00:1a:2b:3c:4d:5e, 4111 1111 1111 1111, ANN@corp.org";
  const clean = redactValue(text, policy, key).value;
  expect(clean).toMatch(
    /^(user-[a-z2-7]{10}@example\.com), \+1-202-555-01\d\d, 192\.0\.2\.\d+, 2001:db8::[\da-f:]+, 00:00:5e:00:53:[\da-f]{2}, \[CARD:[a-z2-7]{10}\], \1$/,
  );
  expect(findEntities(clean)).toEqual([]);
  expect(redactValue(clean, policy, key).value).toBe(clean);
});

test("lists of addresses and customer ids have kinds of their own", () => {
  const policy = makePolicy({ addresses: ["10 Elm Street"], customerIds: ["C-4711"], names: ["Ann"] });
  expect(redacted("Ann, C-4711, lives at 10 Elm Street", policy)).toMatch(
    /^\[NAME:\w+\], \[CUSTOMER_ID:\w+\], lives at \[ADDRESS:\w+\]$/,
  );
});

test("the report counts by kind, column and agent, and shows shapes, not values", () => {
  const tally = redactionTally();
  const row = { messages: [{ content: "ann@example.org and bob@example.org" }], extra: { ip: "10.1.2.3" } };
  redactValue(row, DEFAULT_POLICY, key, { onReplaced: (replaced) => tally.add(replaced, "desk") });
  tally.leave("card checksum", 2);
  expect(tally.report()).toEqual({
    replaced: [
      { kind: "EMAIL", column: "messages", agent: "desk", count: 2 },
      { kind: "IP", column: "extra", agent: "desk", count: 1 },
    ],
    left: { "card checksum": 2 },
    examples: [
      { kind: "EMAIL", column: "messages", shape: "xxx@xxxxxxx.xxx" },
      { kind: "IP", column: "extra", shape: "99.9.9.9" },
    ],
  });
});

test("national ids by their checks", () => {
  for (const id of [
    "529.982.247-25",
    "12345678Z",
    "X1234567L",
    "255081416802538",
    "2 55 08 14 168 025 38",
    "BSN: 111222333",
  ])
    expect(
      findEntities(`id ${id}.`).map(({ kind }) => kind),
      id,
    ).toEqual(["NATIONAL_ID"]);
  for (const id of ["529.982.247-26", "12345678A", "255081416802539", "111222333"])
    expect(
      findEntities(`id ${id}.`).filter(({ kind }) => kind === "NATIONAL_ID"),
      id,
    ).toEqual([]);
  expect([
    luhn("4111111111111111"),
    ibanChecks("DE89370400440532013000"),
    cpfChecks("52998224725"),
    dniChecks("12345678Z"),
    bsnChecks("111222333"),
    nirChecks("255081416802538"),
  ]).toEqual([true, true, true, true, true, true]);
});

test("what was searched before changes nothing: short texts are remembered, and what is left is told each time", () => {
  const short = fc.oneof(
    fc.string({ maxLength: 44 }),
    fc.stringMatching(/^[a-c]{0,3}[@.:1-]{0,3}[a-c]{1,3}$/),
    fc.constantFrom(...labelledSet(10, "quiet").map(({ text }) => text)),
  );
  fc.assert(
    fc.property(fc.array(short, { maxLength: 40 }), (texts) => {
      for (const text of [...texts, ...texts])
        expect(findEntities(text)).toEqual(findEntities(text, makePolicy()));
    }),
    { numRuns: 40 },
  );
  for (let time = 0; time < 2; time++)
    expect(redactValue("4111 1111 1111 1112", DEFAULT_POLICY, key).left).toEqual({ "card checksum": 1 });
});

test("redacting twice is redacting once: pseudonyms are no entities", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...labelledSet(10, "twice").map(({ text }) => text)), {
        minLength: 1,
        maxLength: 4,
      }),
      (texts) => {
        const once = redacted(texts.join(" ; ")) as string;
        expect(redacted(once)).toBe(once);
        expect(findEntities(once)).toEqual([]);
      },
    ),
    { numRuns: 1000 },
  );
  for (const kind of ENTITY_KINDS)
    for (let n = 0; n < 200; n++)
      expect(findEntities(pseudonym({ kind, normal: String(n) }, key))).toEqual([]);
});

test("the same value is the same token in any spelling; another key gives other tokens", () => {
  const token = (text: string): string => redacted(text) as string;
  expect(token("ANN@Example.org")).toBe(token("ann@example.org"));
  expect(token("+1 415 555 2671")).toBe(token("+14155552671"));
  expect(token("DE89 3704 0044 0532 0130 00")).toBe(token("DE89370400440532013000"));
  expect(token("ann@example.org")).toMatch(/^\[EMAIL:[a-z2-7]{10}\]$/);
  expect(redactValue("ann@example.org", DEFAULT_POLICY, Buffer.alloc(32, 4)).value).not.toBe(
    token("ann@example.org"),
  );
});

test("keys, nested values, hidden characters and secrets by their key are found", () => {
  const value = {
    "ann@example.org": [{ note: "a\u200bnn@exam\u00adple.org", n: 4111111111111111 }],
    password: "correct horse",
    ok: "plain",
  };
  const clean = redacted(value) as Record<string, unknown>;
  expect(JSON.stringify(clean)).not.toMatch(/example|exam|horse/);
  expect(clean["ok"]).toBe("plain");
  expect(redacted("４１１１ １１１１ １１１１ １１１１")).toMatch(/^\[CARD:/);
  expect(redacted("data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==")).toMatch(
    /^\[DATA:image\/png:[a-z2-7]{10}\]$/,
  );
  expect(value.password).toBe("correct horse");
});

test("names by list, whole words, as written or in capitals; scope and allow are kept", () => {
  const policy = makePolicy({ names: ["Ann Lee", "O'Brien", "10 Elm Street"] });
  const text = redacted("Ann Lee and ANN LEE met O'Brien's friend Annie at 10 Elm Street", policy) as string;
  expect(text).toMatch(/^\[NAME:\w+\] and \[NAME:\w+\] met \[NAME:\w+\]'s friend Annie at \[NAME:\w+\]$/);
  expect(redacted("from 10.1.2.3", makePolicy({ allow: ["ip"] }))).toBe("from 10.1.2.3");
  const perConversation = makePolicy({ scope: "conversation" });
  const inScope = (scope: string): unknown =>
    redactValue("ann@example.org", perConversation, key, { scope }).value;
  expect(inScope("a")).not.toBe(inScope("b"));
  expect(userKey("u1", key)).toMatch(/^\[USER:/);
});

test("a person seen before has the pseudonym of that key, whatever else was asked meanwhile", () => {
  const other = Buffer.alloc(32, 4);
  const first = [userKey("u1", key), userKey("u1", other)];
  for (let n = 0; n < 70_000; n++) userKey(`u${n}`, key);
  expect([userKey("u1", key), userKey(" u1", other)]).toEqual(first);
  expect(first[0]).toBe(pseudonym({ kind: "USER", normal: "u1" }, Buffer.from(key)));
  expect(first[0]).not.toBe(first[1]);
});

test("a listed name that is a column's name costs no row its column, and what the caller made is left alone", () => {
  const policy = makePolicy({ names: ["kind", "content"] });
  const row = { kind: "llm", messages: [{ content: "hello kind" }], metadata: { "ann@example.org": "kind" } };
  const clean = redacted(row, policy) as Record<string, unknown>;
  expect(Object.keys(clean)).toEqual(["kind", "messages", "metadata"]);
  expect(JSON.stringify(clean)).toMatch(
    /^\{"kind":"llm","messages":\[\{"content":"hello \[NAME:\w+\]"\}\],"metadata":\{"\[EMAIL:\w+\]":"\[NAME:\w+\]"\}\}$/,
  );
  const made = new Set(["id"]);
  const about = { id: "ann@example.org", below: { id: "ann@example.org" } };
  expect(JSON.stringify(redactValue(about, policy, key, { made }).value)).toMatch(
    /^\{"id":"ann@example.org","below":\{"id":"\[EMAIL:/,
  );
});

test("a user's id goes wherever it stands as a word", () => {
  const clean = redactValue({ text: "I am mia_li_3668, not mia_li_36689", user: "x" }, DEFAULT_POLICY, key, {
    users: ["mia_li_3668"],
  });
  expect(JSON.stringify(clean.value)).not.toMatch(/mia_li_3668[^9]/);
  expect(JSON.stringify(clean.value)).toContain("mia_li_36689");
});

test("a user's id is found wherever it stands in a long text, whatever it begins with", () => {
  const ids = fc.constantFrom("mia_li_3668", "u-7", "4711-a", "jürgen.7", "u@x.", "team:red", "@4me");
  const prose = fc.stringMatching(/^[a-z0-9 ,.é_@:-]{0,90}$/);
  fc.assert(
    fc.property(prose, ids, prose, (before, id, after) => {
      const starts = withUsers(`${before} ${id} ${after}`, [], [id]).map(({ start }) => start);
      expect(starts).toContain(before.length + 1);
    }),
    { numRuns: 500 },
  );
});

test("any JSON value survives: same shape, strings only changed where something was found", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { value: clean, counts } = redactValue(value, DEFAULT_POLICY, key);
      if (Object.keys(counts).length === 0) expect(clean).toEqual(value);
    }),
    { numRuns: 500 },
  );
});

test("the written-out HMAC is Node's, whatever key was used before", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const keys = [Buffer.alloc(32, 1), Buffer.alloc(80, 2), Buffer.from("k")];
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom(...keys), bytes), bytes, fc.string(), (secret, data, text) => {
      const expected = (end: string): string =>
        createHmac("sha256", secret).update(data).update(end).digest("hex");
      expect(keyedDigest(secret, data, text)).toBe(expected(text));
      const digestOf = keyedDigestsOf(secret, data);
      for (const suffix of ["", text, "2"]) expect(digestOf(suffix)).toBe(expected(suffix));
    }),
    { numRuns: 500 },
  );
  const long = "é".repeat(70_000);
  expect(keyedDigest(Buffer.alloc(3, 1), long)).toBe(createHmac("sha256", Buffer.alloc(3, 1)).update(long).digest("hex")); // prettier-ignore
});

test("a PEM block ends at its footer, at the next footer's dashes, or with the text", () => {
  const block = "-----BEGIN RSA PRIVATE KEY-----\nMIIE-x\n-----END RSA PRIVATE KEY-----";
  const found = findEntities(`a ${block} b ${block}\n-----BEGIN PRIVATE KEY-----\nMII`).map(
    ({ value }) => value,
  );
  expect(found).toEqual([block, block, "-----BEGIN PRIVATE KEY-----\nMII"]);
});

test("two ids of one user that overlap are replaced once", () => {
  const users = ["mia.li_3668", "li_3668"];
  const { value, counts } = redactValue("I am mia.li_3668.", DEFAULT_POLICY, key, { users });
  expect(value).toMatch(/^I am \[USER:\w{10}\]\.$/);
  expect(counts).toEqual({ USER: 1 });
});
