import { resolve } from "node:path";
import { makePolicy } from "../redact/policy.ts";
import type { Policy } from "../redact/policy.ts";
import type { Config } from "../schema/config.ts";
import { Privacy } from "../schema/config.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";

/** The privacy settings of the project, overridden by those of the source's label. */
export async function policyFor(
  project: Project,
  config: Config,
  label: string | undefined,
  effects: Effects,
): Promise<Policy> {
  const { from: _, ...own } =
    label !== undefined && Object.hasOwn(config.sources, label) ? (config.sources[label] ?? {}) : {};
  const privacy = Privacy.parse({ ...config.privacy, ...own });
  const entries = async (files: readonly string[]): Promise<readonly string[]> => {
    const lists = files.map(async (file) =>
      Buffer.from(await effects.read(resolve(project.root, file))).toString("utf8"),
    );
    return (await Promise.all(lists)).flatMap((text) =>
      text.split(/\r?\n/).filter((line) => line.trim() !== ""),
    );
  };
  return makePolicy({
    redact: privacy.redact,
    allow: privacy.allow,
    scope: privacy.scope,
    style: privacy.style,
    names: await entries(privacy.names),
    addresses: await entries(privacy.addresses),
    customerIds: await entries(privacy.customerIds),
  });
}
