import fc from "fast-check";
import { mkdir, mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { expect, test } from "vitest";
import { findProject, resolveInside } from "./paths.ts";

test("no name leaves its folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wb-paths-"));
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "..",
      ".",
      "../..",
      "a/../..",
      "/etc/passwd",
      "..\\..",
      "a\0b",
      "%2e%2e",
      "~",
      "C:\\x",
      "....//",
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
      const path = await resolveInside(folder, parts).catch((error: unknown) => {
        expect(error).toMatchObject({ code: "WB_PATH_OUTSIDE", exitCode: 2 });
        return null;
      });
      if (path !== null) expect(path === folder || path.startsWith(folder + sep)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("a symbolic link that leads out is refused, also for a file below it that is not there yet", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wb-paths-"));
  const outside = await mkdtemp(join(tmpdir(), "wb-outside-"));
  await symlink(outside, join(folder, "link"));
  await expect(resolveInside(folder, ["link"])).rejects.toMatchObject({ code: "WB_PATH_OUTSIDE" });
  await expect(resolveInside(folder, ["link", "new.json"])).rejects.toMatchObject({
    code: "WB_PATH_OUTSIDE",
  });
  await mkdir(join(folder, "real"));
  expect(await resolveInside(folder, ["real", "new.json"])).toBe(join(folder, "real", "new.json"));
});

test("without a project the error says what to do", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wb-none-"));
  await expect(findProject(folder)).rejects.toMatchObject({ code: "WB_CONFIG_INVALID", exitCode: 2 });
});
