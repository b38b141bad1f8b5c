import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../catalog/database.ts";
import { WorkbenchError } from "../errors/error.ts";
import { DatasetManifest, Example, Pair } from "../schema/dataset.ts";
import type { StoredInteraction } from "../schema/interaction.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { projectAt } from "../store/paths.ts";
import { curateFrom } from "./curate.ts";
import type { DatasetReport } from "./curate.ts";
import { loadDefinition } from "./definition.ts";
import { diffVersions } from "./diff.ts";
import { exportVersion } from "./export.ts";
import { rebuild } from "./rebuild.ts";
import { interaction, storeWith } from "./testing/rows.ts";
import { listVersions, manifestDigest, resolveVersion } from "./versions.ts";

const DEFINITION = `schema: workbench/dataset-definition@1
kind: sft
seed: 7
sources: [{ labels: [test] }]
score: { explicit: 0.7, implicit: 0.3, length: 0, context: 0, missing: reweight }
filters: { response: { min: 1, max: 20 } }
split: { train: 0.6, val: 0.2, test: 0.2, maxComponent: 0.3 }
`;

let home: string;
let made = 0;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "curate-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

async function project(definition = DEFINITION): Promise<Project> {
  const at = projectAt(join(home, `p${++made}`));
  await mkdir(join(at.evals, "data"), { recursive: true });
  await mkdir(at.datasets, { recursive: true });
  await writeFile(at.config, "schema: workbench/config@1\nproject: test\n");
  await writeFile(join(at.datasets, "tickets.dataset.yaml"), definition);
  await writeFile(
    join(at.datasets, "pairs.dataset.yaml"),
    definition.replace("kind: sft", "kind: preference\npairs: { maxUserShare: null }"),
  );
  await writeFile(
    join(at.evals, "data", "golden.jsonl"),
    `{"suite":"s"}\n{"input":"question number 7 about parcels"}\n`,
  );
  return at;
}

const rows: readonly StoredInteraction[] = Array.from({ length: 60 }, (_, i) =>
  interaction({
    id: `row-${i}`,
    question:
      i === 50
        ? "evil ``` </script> | \u001b[31m row"
        : i === 51
          ? "mail me at ann@example.org"
          : `question number ${i} about parcels`,
    answer: `answer ${i}`,
    user: `user-${i % 20}`,
    ...(i % 3 === 0
      ? { corrected: `better ${i}` }
      : i % 3 === 1
        ? { thumb: 1 as const }
        : { thumb: -1 as const }),
  }),
);

const run = async (
  at: Project,
  parts: { rows?: readonly StoredInteraction[]; name?: string; effects?: Effects; asOf?: string } = {},
): Promise<DatasetReport> =>
  curateFrom(
    {
      project: at,
      named: await loadDefinition(at, parts.name ?? "tickets"),
      store: storeWith(parts.rows ?? rows),
      asOf: parts.asOf,
    },
    parts.effects ?? realEffects,
  );

async function bytesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, (await readFile(join(folder, name))).toString("base64")] as const),
    ),
  );
}

const withoutClock = (files: Readonly<Record<string, string>>): unknown => {
  const manifest = JSON.parse(Buffer.from(files["manifest.json"]!, "base64").toString("utf8")) as Record<
    string,
    unknown
  >;
  return { ...files, "manifest.json": { ...manifest, clock: null } };
};

describe("curate", () => {
  it("writes one folder whose files, digest and figures agree", async () => {
    const at = await project();
    const report = await run(at);
    const folder = join(at.root, report.folder);
    expect(await readdir(folder)).toEqual([
      "card.md",
      "manifest.json",
      "rejects.jsonl",
      "test.jsonl",
      "test.parquet",
      "train.jsonl",
      "train.parquet",
      "val.jsonl",
      "val.parquet",
    ]);
    const manifest = DatasetManifest.parse(JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")));
    expect(manifestDigest(manifest)).toBe(report.digest);
    expect(JSON.stringify({ ...manifest, clock: null })).not.toContain(home);
    expect(report).toMatchObject({
      reused: false,
      rows: 38,
      contamination: { removed: 1, suites: [{ suite: "evals/data/golden.jsonl", items: 1 }] },
    });
    expect(report.funnel.map(({ step, in: rowsIn, removed, out }) => [step, rowsIn, removed, out])).toEqual([
      ["complete", 60, {}, 60],
      ["target", 60, { "not-accepted": 20 }, 40],
      ["filter", 40, { pii: 1 }, 39],
      ["where", 39, {}, 39],
      ["exact-dedup", 39, {}, 39],
      ["near-dedup", 39, {}, 39],
      ["decontaminate", 39, { "contaminated-exact": 1 }, 38],
      ["split", 38, {}, 38],
    ]);
    const lines = (await readFile(join(folder, "train.jsonl"), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => Example.parse(JSON.parse(line)));
    expect(lines).toHaveLength(report.splits.train);
    expect(lines[0]!.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant"]);
    expect(lines.flatMap((line) => Object.keys(line.messages[2]!))).not.toContain("name");
  });

  it("keeps lineage in Parquet, row by row, and the card's SQL proves the split", async () => {
    const at = await project();
    const report = await run(at);
    const folder = join(at.root, report.folder);
    const database = await openDatabase({ allowed: [folder], temporary: join(folder, ".spill") });
    const lineage = await database.rows<{
      interaction_id: string;
      answer_by: string;
      score: number;
      text: string;
    }>(
      `select interaction_id, answer_by, score, messages[3].content as text from read_parquet('${folder}/train.parquet')`,
    );
    const texts = (await readFile(join(folder, "train.jsonl"), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => Example.parse(JSON.parse(line)).messages[2]!.content);
    expect(lineage.map(({ text }) => text)).toEqual(texts);
    expect(
      lineage.every(({ text, answer_by }) => text.startsWith("better") === (answer_by === "correction")),
    ).toBe(true);
    const card = await readFile(join(folder, "card.md"), "utf8");
    const queries = /```sql\n([^`]+)```/.exec(card)?.[1]?.trim().split("\n") ?? [];
    expect(queries).toHaveLength(3);
    for (const query of queries)
      expect(
        await database.rows(query.replace("'*.parquet'", `read_parquet('${folder}/*.parquet')`)),
      ).toEqual([{ "count_star()": 0 }]);
    database.close();
  });

  it("does nothing when nothing changed, and gives the same name to rows in any order", async () => {
    const at = await project();
    const first = await run(at);
    const before = await bytesOf(join(at.root, first.folder));
    expect(await run(at)).toEqual({ ...first, reused: true });
    expect(await bytesOf(join(at.root, first.folder))).toEqual(before);
    const other = await project();
    const shuffled = await run(other, { rows: rows.toReversed() });
    expect(shuffled.digest).toBe(first.digest);
    expect(withoutClock(await bytesOf(join(other.root, shuffled.folder)))).toEqual(withoutClock(before));
  });

  it("builds pairs, and reads the state of an earlier instant", async () => {
    const at = await project();
    const report = await run(at, { name: "pairs" });
    const lines = (await readFile(join(at.root, report.folder, "train.jsonl"), "utf8")).trimEnd().split("\n");
    const pair = Pair.parse(JSON.parse(lines[0]!));
    expect(pair.chosen[0]!.content).toMatch(/^better/);
    expect(pair.rejected[0]!.content).toMatch(/^answer/);
    expect(report.rows).toBe(19);
    await expect(run(at, { asOf: "2026-01-01T12:00:00Z" })).rejects.toMatchObject({
      code: "WB_DATASET_EMPTY",
    });
  });

  it("shows hostile text as text", async () => {
    const evil = interaction({
      id: "evil",
      question: "``` \n# Head <img src=x onerror=alert(1)> | a",
      answer: "\u001b[2J ````",
      thumb: -1,
    });
    const at = await project();
    const card = await readFile(
      join(at.root, (await run(at, { rows: [...rows, evil] })).folder, "card.md"),
      "utf8",
    );
    expect(card).not.toContain("\u001b");
    const fences = [...card.matchAll(/^(`{3,})(\w*)$/gm)];
    // Fences pair up: every opening one is closed by its equal before the next opens.
    for (let i = 0; i < fences.length; i += 2)
      expect([fences[i]![1], fences[i + 1]![2]]).toEqual([fences[i + 1]![1], ""]);
    expect(card.replace(/^(`{3,})\w*\n[^]*?\n\1$/gm, "")).not.toContain("<img");
  });
});

describe("rebuild (C12)", () => {
  it("gives the same bytes from the manifest alone, and says what differs when it cannot", async () => {
    const at = await project();
    const { folder } = await run(at);
    const before = await bytesOf(join(at.root, folder));
    for (const name of Object.keys(before))
      if (name !== "manifest.json") await rm(join(at.root, folder, name));
    await rm(join(at.datasets, "tickets.dataset.yaml"));
    await rebuild({ project: at, from: folder, store: storeWith(rows) });
    expect(await bytesOf(join(at.root, folder))).toEqual(before);
    await expect(
      rebuild({ project: at, from: folder, store: storeWith(rows.slice(1)) }),
    ).rejects.toMatchObject({
      code: "WB_INTEGRITY",
      why: expect.stringContaining("rowsSha256"),
    });
    expect(await bytesOf(join(at.root, folder))).toEqual(before);
  });
});

describe("versions", () => {
  it("resolves latest and prefixes, and compares two versions", async () => {
    const at = await project();
    let clock = Date.parse("2026-03-01T00:00:00Z");
    const effects = { ...realEffects, now: () => new Date((clock += 1000)) };
    const late = interaction({
      id: "row-2",
      question: "question number 2 about parcels",
      answer: "answer 2",
      user: "user-2",
      corrected: "better 2",
    });
    const changed = [
      ...rows.filter(({ interaction_id }) => !["row-0", "row-2"].includes(interaction_id)),
      late,
    ];
    const [a, b] = [await run(at, { effects }), await run(at, { effects, rows: changed })];
    expect((await listVersions(at)).map(({ ref }) => ref)).toEqual([a.ref, b.ref]);
    expect((await resolveVersion(at, "tickets@latest")).ref).toBe(b.ref);
    expect((await resolveVersion(at, `tickets@${a.digest.slice(0, 6)}`)).ref).toBe(a.ref);
    await expect(resolveVersion(at, "tickets@0000")).rejects.toMatchObject({ code: "WB_DATASET_MISSING" });
    expect(await diffVersions(at, { a: a.ref, b: b.ref })).toMatchObject({
      rows: { a: 38, b: 38 },
      added: 1,
      removed: 1,
      changed: 0,
      because: { "not in the sources": 1 },
    });
  });

  it("refuses a version whose bytes changed", async () => {
    const at = await project();
    const { folder } = await run(at);
    await writeFile(join(at.root, folder, "train.jsonl"), "{}\n");
    await expect(run(at)).rejects.toMatchObject({ code: "WB_INTEGRITY", exitCode: 6 });
    const manifest = join(at.root, folder, "manifest.json");
    await writeFile(manifest, (await readFile(manifest, "utf8")).replace('"seed":7', '"seed":8'));
    await expect(listVersions(at)).rejects.toMatchObject({ code: "WB_INTEGRITY" });
  });

  it("exports every format", async () => {
    const at = await project();
    const [sft, pairs] = [await run(at), await run(at, { name: "pairs" })];
    for (const [as, keys] of Object.entries({
      "prompt-completion": ["prompt", "completion"],
      alpaca: ["instruction", "input", "output", "system", "history"],
      sharegpt: ["conversations", "system", "tools"],
      openai: ["messages"],
    })) {
      const report = await exportVersion({ project: at, ref: sft.ref, as, to: `out/${as}` });
      const [first] = (await readFile(join(at.root, report.files[0]!.path), "utf8")).split("\n");
      expect(Object.keys(JSON.parse(first!) as object)).toEqual(keys);
      expect(report).toMatchObject({ refused: 0, files: [{ rows: sft.splits.train }, {}, {}] });
    }
    const refusedAll = await exportVersion({
      project: at,
      ref: pairs.ref,
      as: "prompt-completion",
      to: "out/none",
    });
    expect(refusedAll.refused).toBe(pairs.rows);
    const openai = await exportVersion({ project: at, ref: pairs.ref, as: "openai", to: "out/openai-pairs" });
    expect(
      Object.keys(
        JSON.parse((await readFile(join(at.root, openai.files[0]!.path), "utf8")).split("\n")[0]!) as object,
      ),
    ).toEqual(["input", "preferred_output", "non_preferred_output"]);
    await exportVersion({ project: at, ref: sft.ref, as: "huggingface", to: "out/hub" });
    expect(await readFile(join(at.root, "out/hub/README.md"), "utf8")).toContain(
      "path: data/validation-00000-of-00001.parquet",
    );
    await expect(
      exportVersion({ project: at, ref: sft.ref, as: "openai", to: "../out" }),
    ).rejects.toMatchObject({ code: "WB_PATH_OUTSIDE" });
  });
});

describe("bad input", () => {
  const code = async (action: Promise<unknown>): Promise<string> =>
    action.then(
      () => "none",
      (error: unknown) =>
        error instanceof WorkbenchError ? `${error.code} ${error.where ?? ""}` : String(error),
    );
  it("names the line, the file or the missing name", async () => {
    const at = await project(DEFINITION.replace("seed: 7", "seed: seven"));
    expect(await code(loadDefinition(at, "tickets"))).toBe(
      "WB_DATASET_INVALID datasets/tickets.dataset.yaml:3",
    );
    expect(await code(loadDefinition(at, "nothing"))).toBe("WB_DATASET_MISSING datasets");
    expect(await code(loadDefinition(at, "../tickets.dataset.yaml"))).toMatch(/^WB_PATH_OUTSIDE/);
    const tied = await project(DEFINITION.replace("maxComponent: 0.3", "maxComponent: 0.05"));
    expect(await code(run(tied, { rows: rows.map((row) => ({ ...row, user_key: "one" })) }))).toBe(
      "WB_SPLIT_IMPOSSIBLE datasets/tickets.dataset.yaml",
    );
    expect(await code(run(await project(), { rows: [] }))).toBe(
      "WB_DATASET_EMPTY datasets/tickets.dataset.yaml",
    );
  });
});

describe("faults", () => {
  const WRITES = ["write", "rename", "remove", "fsync", "mkdir", "append", "link"] as const;
  /** Effects that stop working at the n-th change, as a killed process does: nothing after it happens. */
  function dyingAt(n: number): { effects: Effects; count: () => number } {
    let seen = 0;
    const effects = { ...realEffects } as Record<string, unknown>;
    for (const name of WRITES) {
      const real = realEffects[name] as (...args: unknown[]) => Promise<unknown>;
      effects[name] = async (...args: unknown[]) => {
        if (++seen >= n) throw Object.assign(new Error("killed"), { code: "EIO" });
        return real(...args);
      };
    }
    return { effects: effects as unknown as Effects, count: () => seen };
  }

  it(
    "killed before any change, the next run gives the same bytes and leaves nothing behind",
    { timeout: 60_000 },
    async () => {
      const few = rows.slice(0, 24);
      const at = await project();
      const good = await run(at, { rows: few });
      const expected = withoutClock(await bytesOf(join(at.root, good.folder)));
      const { effects, count } = dyingAt(Infinity);
      await run(await project(), { rows: few, effects });
      const total = count();
      expect(total).toBeGreaterThan(20);
      for (let n = 1; n <= total; n += 1) {
        const hurt = await project();
        await cp(join(at.root, "evals"), join(hurt.root, "evals"), { recursive: true });
        await run(hurt, { rows: few, effects: dyingAt(n).effects }).catch(() => undefined);
        // A new process: the lock's holder is gone.
        const report = await run(hurt, { rows: few, effects: { ...realEffects, kill: () => false } });
        expect(withoutClock(await bytesOf(join(hurt.root, report.folder)))).toEqual(expected);
        expect((await readdir(hurt.datasets)).sort()).toEqual(
          ["pairs.dataset.yaml", "tickets.dataset.yaml", report.ref].sort(),
        );
      }
    },
  );
});
