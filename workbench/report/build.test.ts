import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { realEffects } from "../store/effects.ts";
import { hashFile } from "../store/hash.ts";
import type { Project } from "../store/paths.ts";
import type { BuildReport } from "./build.ts";
import { buildReport } from "./build.ts";
import { checkReport } from "./check.ts";
import { filesBelow } from "./files.ts";
import { costFixture } from "./testing/costs.ts";
import { fixtureProject } from "./testing/fixture.ts";
import { tagsOf } from "./tags.ts";
import { HOSTILE } from "./testing/hostile.ts";

describe("a site whose every text is hostile", () => {
  let project: Project;
  let built: BuildReport;
  beforeAll(async () => {
    project = await fixtureProject(HOSTILE.join(" "));
    built = await buildReport({ project, costs: costFixture(HOSTILE.join(" ")) });
  });

  test("is built without a fault, a page for every run, decision and dataset", () => {
    expect(built.check.faults).toEqual([]);
    expect(built.check.stale).toEqual([]);
    expect(built.unreadable).toEqual([]);
    expect(built.pages).toHaveLength(10);
  });

  test("publishes no file that a text named", async () => {
    const files = await filesBelow(built.dist, realEffects);
    expect(files.filter((path) => path.includes("secret"))).toEqual([]);
    for (const path of files)
      expect(await readFile(join(built.dist, path), "utf8")).not.toContain("must never be published");
  });

  test("has no script, handler or element that came from a text", async () => {
    for (const path of (await filesBelow(built.dist, realEffects)).filter((name) => name.endsWith(".html"))) {
      const text = await readFile(join(built.dist, path), "utf8");
      const scripts = [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, body]) => body ?? "");
      expect(scripts.join("")).not.toContain("pwned");
      const tags = tagsOf(text);
      expect(tags.filter(({ name }) => ["img", "iframe", "style", "base"].includes(name))).toEqual([]);
      expect(
        tags.flatMap(({ attributes }) => [...attributes.keys()]).filter((name) => name.startsWith("on")),
      ).toEqual([]);
      expect(tags.filter(({ attributes }) => attributes.get("href")?.startsWith("javascript:"))).toEqual([]);
    }
  });

  test("an invalid comparison shows its failed check and no effects", async () => {
    const pages = await Promise.all(
      built.pages
        .filter((path) => path.startsWith("experiments/"))
        .map((path) => readFile(join(built.dist, path.replace(".md", ".html")), "utf8")),
    );
    const invalid = pages.filter((text) => text.includes('class="verdict invalid"'));
    expect(invalid).toHaveLength(1);
    expect(invalid[0]).not.toContain("Effects</h2>");
    expect(invalid[0]).toContain("failed:");
  });

  test("the same runs give the same bytes", async () => {
    const before = await digests(built.dist);
    await buildReport({ project, costs: costFixture(HOSTILE.join(" ")) });
    expect(await digests(built.dist)).toEqual(before);
  });

  test("a file changed since is found, and a rebuild shows the run as unreadable", async () => {
    const samples = join(project.root, "runs/bbbbbbbbbbbb/samples.jsonl");
    const whole = await readFile(samples);
    await writeFile(samples, whole.subarray(0, -2));
    const { stale } = await checkReport({ project, dist: built.dist });
    expect(stale.map(({ path }) => path)).toContain("runs/bbbbbbbbbbbb/samples.jsonl");
    await writeFile(samples, whole);
    await rm(join(project.root, "runs/aaaaaaaaaaaa/result.json"));
    await writeFile(
      join(project.root, "runs/aaaaaaaaaaaa/result.json"),
      '{"schema":"workbench/train-result@1"',
    );
    const again = await buildReport({ project, costs: costFixture(HOSTILE.join(" ")) });
    expect(again.unreadable.map(({ folder }) => folder)).toEqual(["runs/aaaaaaaaaaaa"]);
    expect(await readFile(again.index, "utf8")).toContain("INVALID");
  });
});

test("a page that names a package which is not installed fails the build with the fix", async () => {
  const project = await fixtureProject();
  await writeFile(
    join(project.reports, "broken.md"),
    "# x\n\n```js\nimport x from 'npm:not-there-at-all';\ndisplay(x);\n```\n",
  );
  await expect(buildReport({ project })).rejects.toMatchObject({ code: "WB_REPORT_FAILED", exitCode: 5 });
});

async function digests(dist: string): Promise<readonly (readonly [string, string])[]> {
  const files = await filesBelow(dist, realEffects);
  return Promise.all(files.map(async (path) => [path, (await hashFile(join(dist, path))).sha256] as const));
}
