// Runs inside the sandbox: the tests against each version of the subject, one process and one fresh
// folder each. A process knows neither which version it tests nor the nonce that makes a result ours.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const { nonce, tests, versions, eachMs } = JSON.parse(readFileSync(0, "utf8"));
const results = {};
for (const [name, source] of versions) {
  rmSync("/tmp/work", { recursive: true, force: true });
  mkdirSync("/tmp/work");
  writeFileSync("/tmp/work/subject.mjs", source);
  writeFileSync("/tmp/work/tests.mjs", tests);
  const ran = spawnSync(process.execPath, ["tests.mjs"], {
    cwd: "/tmp/work",
    stdio: "ignore",
    timeout: eachMs,
    killSignal: "SIGKILL",
  });
  results[name] = ran.status === 0 ? "passed" : "failed";
}
process.stdout.write(`\n${JSON.stringify({ nonce, results })}\n`);
