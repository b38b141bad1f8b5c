import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Makes objects that live for a while, and tells how large the young generation became, in MB. */
const BUSY = `
import { getHeapSpaceStatistics } from "node:v8";
import { keepSmall } from ${JSON.stringify(join(import.meta.dirname, "heap.ts"))};
const young = () =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size / 2 ** 20;
let kept = [];
const work = () => {
  for (let i = 0; i < 5000; i++) kept.push({ i, text: "x" + i });
  if (kept.length > 40_000) kept = [];
};
if (process.argv[2] === "small") keepSmall();
while (young() < 8) work();
await new Promise((resolve) => setTimeout(resolve, 200)); // it looks every 50 ms
for (let round = 0; round < 1000; round++) work();
console.log(young());
`;

async function youngMb(fate: "small" | "alone"): Promise<number> {
  const child = spawn(process.execPath, ["--input-type=module", "-", fate], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(BUSY);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  await new Promise((resolve) => child.once("close", resolve));
  return Number(text);
}

test("V8 takes the flag that bounds its young generation while it runs", async () => {
  const [alone, small] = await Promise.all([youngMb("alone"), youngMb("small")]);
  expect(alone).toBeGreaterThan(small);
  expect(small).toBeLessThanOrEqual(16); // it doubles from 8, so this is where it was bound
});
