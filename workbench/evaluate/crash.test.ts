import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import { readJournal } from "../store/journal.ts";
import type { Project } from "../store/paths.ts";
import { chat } from "./chat.ts";
import { evaluate } from "./evaluate.ts";
import { exact } from "./scorers/exact.ts";
import { jsonl } from "./source.ts";
import { suite } from "./suite.ts";
import { dyingEffects, type Moment } from "./testing/dying-effects.ts";
import { fakeModel, type FakeModel } from "./testing/fake-client.ts";
import { tempProject, writeRows } from "./testing/project.ts";

interface Row {
  readonly input: { readonly text: string };
}

const IN_FLIGHT = 2;
const SAMPLES = 4;
const asking = suite("asking", {
  arms: { baseline: "a", candidate: "b" },
  data: jsonl<Row>("evals/data/rows.jsonl"),
  task: chat<Row>({ user: (s) => s.input.text }),
  scorers: [exact()],
});

/** A real process, but for git: starting it for every case would be all that this test does. */
const living: Effects = {
  ...realEffects,
  kill: () => false,
  spawn: () => {
    throw new Error("no git here");
  },
};

const run = (project: Project, models: readonly FakeModel[], effects: Effects, fresh = false) =>
  evaluate({ project, suite: asking, arms: models.map(({ arm }) => arm), fresh }, effects);

/** Everything the process does to the disk, one after the other, is a place to die at. */
test.each<Moment>(["before", "torn", "after"])(
  "death %s any change of the disk loses nothing, repeats nothing, and ends in the same bytes",
  async (moment) => {
    for (let n = 1; ; n++) {
      const project = await tempProject();
      await writeRows(project, SAMPLES);
      const models = [
        fakeModel({ concurrency: IN_FLIGHT }),
        fakeModel({ name: "candidate", concurrency: IN_FLIGHT }),
      ];
      const { effects, changes } = dyingEffects(n, moment);
      const survived = await run(project, models, effects).then(
        () => true,
        () => false,
      );
      // A process is only dead once what it began has ended: the next one would not see it otherwise.
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (survived && changes() < n) return;
      const done = await run(project, models, living);
      expect(done.result).toMatchObject({ planned: 2 * SAMPLES, done: 2 * SAMPLES, failed: 0 });
      const { lines } = await readJournal(join(done.folder, "events.jsonl"));
      const keys = lines.filter(({ kind }) => kind === "sample.scored").map(({ key }) => key);
      expect(new Set(keys).size).toBe(2 * SAMPLES);
      expect(keys).toHaveLength(2 * SAMPLES);
      const paid = models.reduce((sum, model) => sum + model.calls(), 0);
      expect(paid).toBeLessThanOrEqual(2 * SAMPLES + IN_FLIGHT);
      const cached = await run(project, models, living, true);
      expect(await readFile(join(cached.folder, "samples.jsonl"), "utf8")).toBe(
        await readFile(join(done.folder, "samples.jsonl"), "utf8"),
      );
    }
  },
);
