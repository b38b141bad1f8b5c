import { appendFile, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RAW_FILE, importFolder, listImports } from "../catalog/segments.ts";
import { Config } from "../schema/config.ts";
import { SealedRecord, openRecord } from "../store/raw-vault.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { requires } from "../testing/requires.ts";
import type { IngestRequest } from "./request.ts";
import { retry } from "./retry.ts";
import { FAULT_MODES, Killed, faulty } from "./testing/faulty.ts";
import { testPostgres } from "./testing/postgres.ts";
import type { TestPostgres } from "./testing/postgres.ts";
import { KEY, lines, many, still, testProject } from "./testing/project.ts";
import type { TestProject } from "./testing/project.ts";
import { testS3 } from "./testing/s3.ts";
import type { TestS3 } from "./testing/s3.ts";
import { watch } from "./watch.ts";

// Every write, append, rename, link, fsync and removal of an ingest fails or kills once; then the same
// command is run again. The plain file has its own test in ingest.test.ts; these are all other ways in.

/** All of it with WB_TEST_DEPTH=full: it takes some minutes. */
const IS_FULL = process.env["WB_TEST_DEPTH"] === "full";
const MODES = IS_FULL ? FAULT_MODES : (["torn"] as const);
const STRIDE = IS_FULL ? 1 : 9;

const config = Config.parse({ schema: "workbench/config@1", project: "test" });

type Attempt = (place: TestProject, effects: Effects) => Promise<unknown>;

/** What must be the same after every fault. */
type Outcome = (place: TestProject) => Promise<readonly string[]>;

const segments: Outcome = (place) => place.digests();

/**
 * Strikes at each point of `attempt`, in a copy of what is `ready`, and holds what the second attempt
 * leaves to what an undisturbed one does.
 */
async function strikes(ready: TestProject, attempt: Attempt, outcome: Outcome = segments): Promise<void> {
  const clean = await testProject(ready);
  await attempt(clean, still);
  const expected = await outcome(clean);
  for (const mode of MODES)
    for (let strike = 1; ; strike += STRIDE) {
      const place = await testProject(ready);
      const { effects, passed } = faulty(still, strike, mode);
      await attempt(place, effects).catch((error: unknown) => {
        if (!(error instanceof Killed))
          expect(error, `${mode} at ${strike}`).toMatchObject({ code: mode.toUpperCase() });
      });
      // The dead process's lock names us, who live: whoever comes next must see it as gone.
      await attempt(place, { ...still, kill: () => false });
      expect(await outcome(place), `${mode} at ${strike}`).toEqual(expected);
      await rm(place.project.root, { recursive: true });
      if (passed() < strike) break;
    }
}

const ingesting =
  (sources: string | readonly string[], more: Partial<IngestRequest> = {}): Attempt =>
  (place, effects) =>
    place.ingest(sources, more, effects);

const MAPPING = `schema: workbench/mapping@1
name: table
row:
  source_id: $.id
  messages: [{ role: user, content: $.question }]
  output: [{ role: assistant, content: $.answer }]
`;
const TABLE = "select i as id, 'question ' || i as question, 'answer' as answer from";
const LONG = { timeout: 600_000 };

describe("whatever is killed or fails, the same command again loses and doubles nothing", () => {
  test("CSV", LONG, async () => {
    const at = await testProject();
    const mapping = await at.write("m.yaml", MAPPING);
    const path = await at.write("a.csv", "id,question,answer\n1,a,b\n2,c\n3,e,f\n1,a,b\n");
    await strikes(at, ingesting(path, { mapping }));
  });

  test("Parquet", LONG, async () => {
    const at = await testProject();
    const mapping = await at.write("m.yaml", MAPPING);
    await strikes(at, ingesting(await parquet(at), { mapping }));
  });

  test("a folder of files that share records", LONG, async () => {
    const at = await testProject();
    const folder = join(at.project.root, "in");
    await mkdir(folder);
    await at.write("in/a.jsonl", lines(many(5)));
    await at.write("in/b.jsonl", `${lines(many(5, 3))}broken\n`);
    await at.write("in/c.jsonl", lines(many(7, 2)));
    await strikes(at, ingesting(folder));
  });

  test("a file that grew, one that was rewritten, and --again under another key", LONG, async () => {
    const at = await testProject();
    const [log, other] = [await at.write("a.jsonl", lines(many(4))), await at.write("b.jsonl", lines(many(4, 9)))];
    await at.ingest([log, other]);
    await appendFile(log, lines(many(3, 4)));
    await at.write("b.jsonl", lines([...many(1, 20), ...many(3, 9)]));
    await strikes(at, ingesting([log, other]));
    const again = await testProject();
    const path = await again.write("a.jsonl", lines(many(4)));
    await again.ingest(path);
    await strikes(again, ingesting(path, { key: Buffer.alloc(32, 9), again: true }));
  }); // prettier-ignore

  test("--keep-raw: every record opens, whichever attempt sealed it", LONG, async () => {
    const at = await testProject();
    const text = `${lines(many(3))}broken\n`;
    const path = await at.write("a.jsonl", text);
    await strikes(at, ingesting(path, { keepRaw: true }), async (place) => {
      const parquet = (await place.digests()).filter((line) => line.includes(".parquet"));
      expect(await opened(place)).toBe(text);
      return parquet;
    });
  });

  test("watch", LONG, async () => {
    const at = await testProject();
    const folder = join(at.project.root, "in");
    await mkdir(folder);
    await at.write("in/a.jsonl", lines(many(4)));
    await at.ingest(folder);
    await appendFile(join(folder, "a.jsonl"), lines(many(2, 4)));
    await at.write("in/b.jsonl", lines(many(3, 5)));
    await strikes(at, async (place, effects) => {
      const request = { project: place.project, config, key: KEY };
      const ends = { once: true, signal: new AbortController().signal, intervalMs: 50, settleMs: 0 };
      const said = { onImport: () => undefined, onTrouble: () => expect.unreachable() };
      await watch({ request, folder, ...ends, ...said }, effects);
    });
  });

  test("retry", LONG, async () => {
    const at = await testProject();
    const path = await at.write("a.csv", "id,question,answer\n1,a,b\n2,c,d\n3,e\n");
    const map = (roles: string): string => MAPPING.replace("role: user", `role: { path: $.id, map: { ${roles} } }`);
    await at.ingest(path, { mapping: await at.write("old.yaml", map('"1": user')) });
    const mapping = await at.write("new.yaml", map('"1": user, "2": user'));
    await strikes(at, (place, effects) => {
      const request = { project: place.project, config, key: KEY, mapping };
      return retry({ request, files: [path] }, effects);
    });
  }); // prettier-ignore

  describe("an object store", () => {
    let store: TestS3;
    beforeAll(async () => {
      store = await testS3("logs");
      await store.put("a.jsonl", lines(many(4)));
      const at = await testProject();
      await store.put("b.parquet", await readFile(await parquet(at)));
    });
    afterAll(() => store.stop());
    const from = (): Partial<IngestRequest> => ({
      s3: { endpoint: store.endpoint, region: "us-east-1", pathStyle: true },
    });

    test("lines and Parquet", LONG, async () => {
      const at = await testProject();
      await strikes(at, ingesting("s3://logs/a.jsonl", from()));
      const mapping = await at.write("m.yaml", MAPPING);
      await strikes(at, ingesting("s3://logs/b.parquet", { ...from(), mapping }), async (place) => {
        // Nothing of the object stays behind either.
        expect(await realEffects.list(join(place.project.private, "ingest-tmp"))).toEqual([]);
        return place.digests();
      });
    });
  });

  const bin = requires("postgres");
  describe.skipIf(bin === null)("a PostgreSQL server", () => {
    let server: TestPostgres;
    beforeAll(async () => {
      server = await testPostgres(bin ?? "");
      await server.run(`create table calls as ${TABLE} generate_series(1, 4) i`);
    }, 60_000);
    afterAll(() => server.stop());

    test("a table", LONG, async () => {
      const at = await testProject();
      const mapping = await at.write("m.yaml", MAPPING);
      const password: Pick<Effects, "env"> = {
        env: (name) => (name === "DESK_PASSWORD" ? server.password : realEffects.env(name)),
      };
      const postgres = { table: "calls", passwordEnv: "DESK_PASSWORD" };
      const attempt = ingesting(server.url, { mapping, postgres });
      await strikes(at, (place, effects) => attempt(place, { ...effects, ...password }));
    });
  });
});

async function parquet(at: TestProject): Promise<string> {
  const path = join(at.project.root, "x.parquet");
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(`copy (${TABLE} range(5) t(i)) to '${path}' (format parquet)`);
  connection.closeSync();
  return path;
}

/** The sealed records of a project, opened, in the order of their lines. */
async function opened({ project }: TestProject): Promise<string> {
  const texts: string[] = [];
  for (const { id } of await listImports(project)) {
    const sealed = await readFile(join(importFolder(project, id), RAW_FILE), "utf8");
    for (const line of sealed.trim().split("\n")) {
      const record = SealedRecord.parse(JSON.parse(line));
      const bytes = await openRecord(project, record, { workspace: KEY, effects: realEffects });
      texts.push(`${bytes.toString("utf8")}\n`);
    }
  }
  return texts.join("");
}
