import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { ChatReply } from "../endpoint/client.ts";
import { canonical, digestOf } from "../schema/canonical.ts";
import { DigestMap } from "../store/digest-map.ts";
import { eachLine } from "../store/each-line.ts";
import type { Effects } from "../store/effects.ts";
import type { Project } from "../store/paths.ts";
import { restOfTurn } from "../store/turn.ts";
import { makeBlocks, type Blocks } from "./blocks.ts";

/** What a stored reply answers. Headers, keys, time-outs and the run are not part of it. */
export interface StoredRequest {
  /** What the answer depends on besides the request: endpoint, weights, adapter. */
  readonly identity: unknown;
  readonly request: unknown;
  readonly epoch: number;
  /** Which asking of the very same request within one sample. */
  readonly repeat: number;
}

/** Every reply ever paid for, on this machine. */
export interface Responses {
  readonly get: (key: string) => Promise<ChatReply | null>;
  /** Resolves when the reply survives SIGKILL. */
  readonly put: (key: string, request: StoredRequest, reply: ChatReply) => Promise<void>;
  readonly count: number;
}

interface Place {
  readonly blocks: Blocks;
  readonly offset: number;
  readonly bytes: number;
}

/** Where every stored line stands: its offset, and its segment's number and length in one number. */
class Index {
  private readonly segments: Blocks[] = [];
  private readonly places = new DigestMap();

  get count(): number {
    return this.places.size;
  }

  /** The number of a further segment. */
  add(segment: Blocks): number {
    return this.segments.push(segment) - 1;
  }

  set(key: string, segment: number, offset: number, bytes: number): void {
    this.places.set(key, offset, segment * MOST_BYTES + bytes);
  }

  get(key: string): Place | null {
    const [offset, packed] = this.places.get(key) ?? [0, 0];
    const blocks = this.segments[Math.floor(packed / MOST_BYTES)];
    return packed === 0 || !blocks ? null : { blocks, offset, bytes: packed % MOST_BYTES };
  }
}

/** More than a line can have: it is read as one text. */
const MOST_BYTES = 2 ** 32;
const KEY = 64;
const HEAD = KEY + 1 + 8 + 1;

export const responseKey = (request: StoredRequest): string => digestOf(request);

/**
 * Opens the response cache: append-only segments `.workbench/responses/*.log`, one per run that
 * stored something, a line `<key> <crc32> {request, reply}` each. The index is rebuilt here. A line
 * that is torn or fails its checksum is not an answer: the request is simply asked again.
 */
export async function openResponses(project: Project, segment: string, effects: Effects): Promise<Responses> {
  const folder = join(project.private, "responses");
  const index = new Index();
  for (const path of await segmentsIn(folder, effects)) {
    const number = index.add(makeBlocks(path, effects));
    await eachAnswer(path, (key, { offset, line }) => index.set(key, number, offset, line.length), effects);
  }
  await effects.mkdir(folder);
  const token = Buffer.from(effects.random(4)).toString("hex");
  const path = join(folder, `${segment}-${token}.log`);
  const own = index.add(makeBlocks(path, effects));
  let offset = 0;
  let waiting: string[] = [];
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const write = async (): Promise<void> => {
    await restOfTurn();
    const batch = waiting.join("");
    waiting = [];
    next = null;
    await effects.append(path, batch);
  };

  return {
    get: async (key) => {
      const place = index.get(key);
      return place === null ? null : ((await readAnswer(place, key))?.reply ?? null);
    },
    put: async (key, request, reply) => {
      const body = canonical({ request, reply });
      const line = `${key} ${checksum(body)} ${body}\n`;
      const bytes = Buffer.byteLength(line);
      waiting.push(line);
      const start = offset;
      offset += bytes;
      next ??= writing = writing.then(write);
      await next;
      index.set(key, own, start, bytes - 1);
    },
    get count() {
      return index.count;
    },
  };
}

const checksum = (body: string): string => crc32(body).toString(16).padStart(8, "0");

async function segmentsIn(folder: string, effects: Effects): Promise<readonly string[]> {
  return (await effects.list(folder))
    .filter((name) => name.endsWith(".log"))
    .map((name) => join(folder, name));
}

/** Visits the lines of a segment that may be answers; a torn last one is none. */
async function eachAnswer(
  path: string,
  visit: (key: string, place: { readonly offset: number; readonly line: Buffer }) => void,
  effects: Effects,
): Promise<void> {
  const take = (line: Buffer, offset: number): void => {
    if (line.length > HEAD) visit(line.toString("latin1", 0, KEY), { offset, line });
  };
  await eachLine(path, take, effects);
}

interface Answer {
  readonly request: StoredRequest;
  readonly reply: ChatReply;
}

/** Null where the line is another's, or not whole. */
function answerIn(line: string, key: string): Answer | null {
  const body = line.slice(HEAD);
  return line.startsWith(`${key} ${checksum(body)} `) ? (JSON.parse(body) as Answer) : null;
}

async function readAnswer({ blocks, offset, bytes }: Place, key: string): Promise<Answer | null> {
  return answerIn((await blocks.read(offset, bytes)).toString("utf8"), key);
}

/**
 * Visits the key of every stored request, the latest last, for `workbench eval why`. What was asked is
 * read only where the visitor wants it; null is a line that is not whole.
 */
export async function eachRequest(
  project: Project,
  visit: (key: string, read: () => StoredRequest | null) => void,
  effects: Effects,
): Promise<void> {
  const segments = await segmentsIn(join(project.private, "responses"), effects);
  for (const path of segments)
    await eachAnswer(
      path,
      (key, { line }) => visit(key, () => answerIn(line.toString("utf8"), key)?.request ?? null),
      effects,
    );
}
