import { expect, onTestFinished, test } from "vitest";
import type { Policy } from "../redact/policy.ts";
import { makePolicy } from "../redact/policy.ts";
import { batchPool } from "./batch-pool.ts";
import type { BatchPool } from "./batch-pool.ts";
import { batchReader } from "./batch.ts";
import { FORMATS } from "./formats/registry.ts";
import { LIMITS } from "./limits.ts";
import { FramePacker, unpacked } from "./pack-frames.ts";
import type { Packed } from "./pack-frames.ts";
import { digestOf } from "./reader.ts";
import type { ReadSettings } from "./reader.ts";
import { KEY, chatRecord } from "./testing/project.ts";

const openaiChat = FORMATS.find(({ name }) => name === "openai-chat") as ReadSettings["format"];

const settingsOf = (policy: Policy): ReadSettings => ({
  format: openaiChat,
  policy,
  key: KEY,
  limits: LIMITS,
  isErased: null,
});

function packedOf(...texts: readonly string[]): Packed {
  const packer = new FramePacker();
  texts.forEach((text, n) => {
    const bytes = Buffer.from(JSON.stringify(chatRecord(`r${n}`, text)));
    const byteLength = bytes.length;
    const frame = { line: n + 1, byteOffset: 0, byteLength, bytes, sha256: null, terminated: true };
    packer.add(frame, digestOf(frame, KEY));
  });
  return packer.take();
}

function started(settings: ReadSettings, most: number): BatchPool {
  const pool = batchPool(settings, [], most);
  if (pool === null) throw new Error("no thread was started");
  onTestFinished(() => pool.close());
  return pool;
}

test("a thread redacts by the same lists, exceptions and style as this one", async () => {
  const policy = makePolicy({
    names: ["Ann Lee"],
    customerIds: ["C-4711"],
    allow: ["ip"],
    style: "surrogate",
  });
  const texts = ["Ann Lee, C-4711, from 10.0.0.7", "write to bob@example.org"];
  const here = batchReader(settingsOf(policy))(unpacked(packedOf(...texts)));
  const there = await started(settingsOf(policy), 2).read(packedOf(...texts));
  expect(there).toEqual(here);
  expect(there.redactions).toEqual({ NAME: 1, CUSTOMER_ID: 1, EMAIL: 1 });
});

test("formats that are known by their names are read in threads, one made by hand is not", () => {
  for (const format of FORMATS.slice(0, 3)) started({ ...settingsOf(makePolicy()), format }, 2);
  const byHand = { ...openaiChat, map: () => ({ interactions: [] }) };
  expect(batchPool({ ...settingsOf(makePolicy()), format: byHand }, [], 2)).toBeNull();
  expect(batchPool(settingsOf(makePolicy()), [], 1)).toBeNull();
});

test("a thread that dies fails what it was asked, and what it is asked later", async () => {
  const policy = { ...makePolicy(), options: { names: 5 as never } };
  const pool = started(settingsOf(policy), 2);
  const outcomes = await Promise.allSettled([pool.read(packedOf("a")), pool.read(packedOf("b"))]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await expect(pool.read(packedOf("c"))).rejects.toThrow(/not a function/);
});
