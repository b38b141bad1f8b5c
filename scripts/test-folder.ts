import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * One folder for all that the tests write to the temporary folder, gone at their end: a test that fails
 * half-way, or kills what it measures, cannot clean up after itself.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const before = process.env["TMPDIR"];
  const folder = await mkdtemp(join(tmpdir(), "wb-tests-"));
  // PostgreSQL runs as a user of its own and has to pass through.
  await chmod(folder, 0o755);
  process.env["TMPDIR"] = folder;
  return async () => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}
