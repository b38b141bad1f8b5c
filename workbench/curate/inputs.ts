import { digestOf } from "../schema/canonical.ts";
import { loadConfig } from "../store/config.ts";
import type { Effects } from "../store/effects.ts";
import { realEffects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import type { NamedDefinition } from "./definition.ts";
import type { NamedScreens } from "./screens.ts";
import { screensOf } from "./screens.ts";
import type { SourceRows, Store } from "./sources.ts";
import { readSources } from "./sources.ts";
import type { SuiteFile } from "./suites.ts";
import { readSuites } from "./suites.ts";
import { toolVersions } from "./tools.ts";

/** All that a version's content depends on, read and named by digest. */
export interface Inputs {
  readonly named: NamedDefinition;
  readonly asOf: string | undefined;
  readonly source: SourceRows;
  readonly suites: readonly SuiteFile[];
  readonly screens: NamedScreens;
  readonly sha256: string;
}

export interface InputsRequest {
  readonly project: Project;
  readonly named: NamedDefinition;
  readonly store: Store;
  readonly asOf?: string | undefined;
  /** Only these imports: what a rebuild takes from a manifest. */
  readonly imports?: readonly string[] | undefined;
}

/** Reads rows, evaluation items and settings, and names them together by one digest. */
export async function readInputs(request: InputsRequest, effects: Effects = realEffects): Promise<Inputs> {
  const { project, named, asOf, imports } = request;
  const { definition } = named;
  const source = await readSources(request.store, { definition, asOf, imports });
  const suites = definition.decontaminate
    ? await readSuites(project, definition.decontaminate.against, effects)
    : [];
  const screens = await screensOf(project, await loadConfig(project, effects), definition.filters, effects);
  const sha256 = digestOf({
    name: named.name,
    definition,
    asOf: asOf ?? null,
    rows: source.rowsSha256,
    sources: source.sources,
    suites: suites.map((suite) => [suite.suite, suite.sha256]),
    policy: screens.policySha256,
    tokenizer: screens.tokenizerSha256,
    tools: toolVersions(),
  });
  return { named, asOf, source, suites, screens, sha256 };
}
