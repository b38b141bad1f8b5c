import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

/** The whole loop, killed and repeated, takes minutes by itself: begun last, it would leave a core idle for as long. */
const FIRST = "workbench/flow/start.test.ts";

/** Vitest's own order, but for the one file that takes longest by far. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isFirst = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith(FIRST);
    return [...sorted.filter(isFirst), ...sorted.filter((file) => !isFirst(file))];
  }
}
