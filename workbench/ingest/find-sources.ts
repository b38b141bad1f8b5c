import { join, resolve } from "node:path";
import { PostgresSource, S3Source } from "../schema/remote-source.ts";
import type { SourceOrigin } from "../schema/remote-source.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { postgresSource } from "./remote/postgres.ts";
import { isPostgresUrl } from "./remote/postgres-url.ts";
import { isS3Url, s3Sources } from "./remote/s3.ts";
import type { Found, IngestRequest } from "./request.ts";
import { findFiles } from "./source.ts";
import type { Source } from "./source.ts";

/**
 * The sources behind names of files, folders and globs, addresses of databases and object stores, and
 * names that the configuration gives an origin. Each once, in the order of the words.
 */
export async function findSources(request: IngestRequest, effects: Effects): Promise<readonly Found[]> {
  const found = new Map<string, Found>();
  for (const name of request.sources)
    for (const source of typeof name === "string" ? await sourcesOf(name, request, effects) : [name])
      found.set(source.path ?? source.shown, {
        ...source,
        ...(request.csv ? { csv: true } : {}),
      });
  return [...found.values()];
}

/** Where objects lie that must be files to be read. A killed ingest leaves them to the next one, which removes them. */
export const temporaryFolder = (project: Project): string => join(project.private, "ingest-tmp");

async function sourcesOf(name: string, request: IngestRequest, effects: Effects): Promise<readonly Found[]> {
  if (isPostgresUrl(name)) {
    const settings = PostgresSource.parse({ kind: "postgres", url: name, ...request.postgres });
    return [postgresSource(settings, effects)];
  }
  const temporary = temporaryFolder(request.project);
  if (isS3Url(name))
    return s3Sources(S3Source.parse({ kind: "s3", url: name, ...request.s3 }), temporary, effects);
  const origin = Object.hasOwn(request.config.sources, name) ? request.config.sources[name]?.from : undefined;
  if (origin === undefined) return findFiles(name, effects);
  const { map, ...settings } = origin;
  const sources = await namedSources(settings, request, temporary, effects);
  const reading = map === undefined ? {} : { mapping: resolve(request.project.root, map) };
  return sources.map((source) => ({ ...source, label: name, ...reading }));
}

async function namedSources(
  origin: Omit<SourceOrigin, "map">,
  { project }: IngestRequest,
  temporary: string,
  effects: Effects,
): Promise<readonly Source[]> {
  if (origin.kind === "s3") return s3Sources(S3Source.parse(origin), temporary, effects);
  const settings = PostgresSource.parse(origin);
  const query = settings.query === undefined ? {} : { query: resolve(project.root, settings.query) };
  return [postgresSource({ ...settings, ...query }, effects)];
}
