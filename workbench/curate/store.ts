import { readInteractions } from "../catalog/interactions.ts";
import { listImports } from "../catalog/segments.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { Store } from "./sources.ts";

/** The project's interaction store. */
export function storeOf(project: Project, effects: Effects = realEffects): Store {
  return {
    imports: () => listImports(project, effects),
    rows: (options) => readInteractions(project, options, effects),
  };
}
