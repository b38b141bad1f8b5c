// Runs inside the sandbox; harness.py says how. What a test throws or rejects with is its failure.
import { randomBytes } from "node:crypto";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const CHILD = `
import assert from "node:assert/strict";
import { readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
globalThis.assert = assert;
try {
  await import(pathToFileURL(process.argv[1]).href);
  await globalThis.testIsOver;
  writeSync(3, readFileSync(0));
} catch (error) {
  writeSync(3, String(error).slice(0, 200));
}
process.exit();
`;

const job = JSON.parse(readFileSync(0, "utf8"));
const tell = (more) => process.stdout.write(`${JSON.stringify({ nonce: job.nonce, ...more })}\n`);
const isModule = /^\s*(import|export)\b/m.test(`${job.setup}\n${job.code}`);
const ending = `${isModule ? "m" : "c"}${job.language === "typescript" ? "ts" : "js"}`;

function run(test, index) {
  const folder = `test-${index}`;
  mkdirSync(folder);
  const file = resolve(folder, `answer.${ending}`);
  const over = `globalThis.testIsOver = (async () => {\n${test}\n})();`;
  writeFileSync(file, `${job.setup}\n${job.code}\n;${over}\n`);
  const token = randomBytes(16).toString("hex");
  const { output, error } = spawnSync(process.execPath, ["--input-type=module", "-e", CHILD, file], {
    cwd: folder,
    input: token,
    stdio: ["pipe", "ignore", "ignore", "pipe"],
    timeout: job.eachMs,
    killSignal: "SIGKILL",
    maxBuffer: 4096,
  });
  if (error?.code === "ETIMEDOUT") return "it took too long";
  const text = output?.[3]?.toString("utf8") ?? "";
  return text === token ? null : text || "it ended before the test did";
}

tell({ ready: true });
tell({ results: job.tests.map(run) });
