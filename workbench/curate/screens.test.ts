import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Config } from "../schema/config.ts";
import { FilterSettings } from "../schema/dataset-definition.ts";
import { projectAt } from "../store/paths.ts";
import { screensOf } from "./screens.ts";

test("the screen finds what ingest would replace: names, addresses and customer ids by list too", async () => {
  const root = await mkdtemp(join(tmpdir(), "workbench-screens-"));
  try {
    await writeFile(join(root, "names.txt"), "Ada Byron\n");
    await writeFile(join(root, "addresses.txt"), "12 Linden Row\n\n");
    await writeFile(join(root, "ids.txt"), "CU-778\n");
    const config = Config.parse({
      schema: "workbench/config@1",
      project: "test",
      privacy: { names: ["names.txt"], addresses: ["addresses.txt"], customerIds: ["ids.txt"] },
    });
    const screens = await screensOf(projectAt(root), config, FilterSettings.parse({}));
    expect(screens.pii("Ada Byron, 12 Linden Row, is CU-778.")).toEqual({
      NAME: 1,
      ADDRESS: 1,
      CUSTOMER_ID: 1,
    });
    expect(screens.pii("Nobody lives here.")).toEqual({});
  } finally {
    await rm(root, { recursive: true });
  }
});
