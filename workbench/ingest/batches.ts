import type { Stone } from "../redact/erased.ts";
import type { BatchPool } from "./batch-pool.ts";
import { batchPool } from "./batch-pool.ts";
import type { Batch, BatchRead, ReadBatch } from "./batch.ts";
import { batchReader } from "./batch.ts";
import type { Frame } from "./frame.ts";
import { digestOf } from "./reader.ts";
import type { Read, ReadSettings } from "./reader.ts";
import { Replays } from "./replays.ts";

export interface Batching {
  readonly settings: ReadSettings;
  readonly stones: readonly Stone[];
  /** How many threads may read; null for as many as there are cores. */
  readonly threads: number | null;
  /** Told of each record that is read, in this thread: then there is no other. */
  readonly onRead: ((read: Read, frame: Frame) => void) | null;
  /** Takes what was read, in the order of the records. */
  readonly use: (read: BatchRead) => Promise<void>;
}

const MOST_RECORDS = 20_480;
/** What this thread reads before it starts others: most sources end before. */
const ALONE = 2;

/** Records that stood in the source before, until it is known whether those became rows. */
interface Held extends Batch {
  readonly replayed: readonly { readonly frame: Frame; readonly digest: string }[];
}

/**
 * Gathers records to batches, has them read side by side, and gives what was read in order. Records that became rows
 * before, byte for byte, are known, and not read again.
 */
export class Batches {
  /** Records that are known. */
  replays = 0;
  readonly #batching: Batching;
  readonly #here: ReadBatch;
  #pool: BatchPool | null = null;
  readonly #known = new Replays();
  #frames: Frame[] = [];
  #digests: string[] = [];
  #replayed: { readonly frame: Frame; readonly digest: string }[] = [];
  #bytes = 0;
  #sent = 0;
  readonly #underWay: { readonly held: Held; readonly read: Promise<BatchRead> }[] = [];

  constructor(batching: Batching) {
    this.#batching = batching;
    this.#here = batchReader(batching.settings, batching.onRead ?? undefined);
  }

  async take(frame: Frame): Promise<void> {
    const digest = digestOf(frame, this.#batching.settings.key);
    // What the source's end cut may be the beginning of another record.
    const isWhole = frame.terminated && digest !== "";
    if (isWhole && this.#known.has(digest)) this.#replayed.push({ frame, digest });
    else {
      if (isWhole) this.#known.add(digest);
      this.#frames.push(frame);
      this.#digests.push(digest);
    }
    this.#bytes += frame.bytes?.length ?? 0;
    const records = this.#frames.length + this.#replayed.length;
    if (this.#bytes >= this.#batching.settings.limits.batchBytes || records >= MOST_RECORDS)
      await this.#send();
  }

  /** Reads what is left. */
  async end(): Promise<void> {
    await this.#send();
    while (this.#underWay.length > 0) await this.#settle();
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }

  async #send(): Promise<void> {
    const held = { frames: this.#frames, digests: this.#digests, replayed: this.#replayed };
    [this.#frames, this.#digests, this.#replayed, this.#bytes] = [[], [], [], 0];
    const pool = this.#sent++ < ALONE ? null : this.#threads();
    const read = pool?.read(held) ?? Promise.resolve(this.#here(held));
    // Its failure is met when it is this batch's turn.
    read.catch(() => undefined);
    this.#underWay.push({ held, read });
    while (this.#underWay.length > (pool?.size ?? 0)) await this.#settle();
  }

  #threads(): BatchPool | null {
    const { settings, stones, threads, onRead } = this.#batching;
    if (onRead === null) this.#pool ??= batchPool(settings, stones, threads);
    return this.#pool;
  }

  /** Gives on what the oldest batch became. */
  async #settle(): Promise<void> {
    const oldest = this.#underWay.shift();
    if (oldest === undefined) return;
    const { held } = oldest;
    const read = await oldest.read;
    for (const n of read.refused) this.#known.forget(held.digests[n] as string);
    const again = held.replayed.filter(({ digest }) => !this.#known.has(digest));
    this.replays += held.replayed.length - again.length;
    await this.#batching.use(read);
    // Another copy of what was refused is refused too, for its own line.
    if (again.length > 0)
      await this.#batching.use(
        this.#here({ frames: again.map(({ frame }) => frame), digests: again.map(({ digest }) => digest) }),
      );
  }
}
