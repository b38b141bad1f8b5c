import type { Stone } from "../redact/erased.ts";
import type { BatchPool } from "./batch-pool.ts";
import { batchPool } from "./batch-pool.ts";
import type { BatchRead, ReadBatch } from "./batch.ts";
import { batchReader } from "./batch.ts";
import type { Frame } from "./frame.ts";
import { FramePacker, digestAt, unpacked } from "./pack-frames.ts";
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
/** They are held until the batch is read. */
const MOST_REPLAYS = 1024;
/** What this thread reads before it starts others: most sources end before. */
const ALONE = 2;

/** A record that stood in the source before: known, once that one became rows. */
interface Replay {
  readonly frame: Frame;
  readonly digest: string;
}

/** A batch that is being read. */
interface UnderWay {
  readonly digests: string;
  readonly replays: readonly Replay[];
  readonly read: Promise<BatchRead>;
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
  readonly #packer = new FramePacker();
  #replayed: Replay[] = [];
  #sent = 0;
  readonly #underWay: UnderWay[] = [];

  constructor(batching: Batching) {
    this.#batching = batching;
    this.#here = batchReader(batching.settings, batching.onRead ?? undefined);
  }

  /** Takes the next record; whether a batch is full, and then `send` is due. */
  take(frame: Frame): boolean {
    const digest = digestOf(frame, this.#batching.settings.key);
    // What the source's end cut may be the beginning of another record.
    const isWhole = frame.terminated && digest !== "";
    if (isWhole && this.#known.has(digest)) this.#replayed.push({ frame: copied(frame), digest });
    else {
      if (isWhole) this.#known.add(digest);
      this.#packer.add(frame, digest);
    }
    const { bytes, records } = this.#packer;
    const isFull = bytes >= this.#batching.settings.limits.batchBytes || records >= MOST_RECORDS;
    return isFull || this.#replayed.length >= MOST_REPLAYS;
  }

  /** Reads what is left. */
  async end(): Promise<void> {
    await this.send();
    while (this.#underWay.length > 0) await this.#settle();
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }

  /** Has what was taken read; waits while as much is under way as there are threads. */
  async send(): Promise<void> {
    const packed = this.#packer.take();
    const replays = this.#replayed;
    this.#replayed = [];
    const pool = this.#sent++ < ALONE ? null : this.#threads();
    const read = pool?.read(packed) ?? Promise.resolve(this.#here(unpacked(packed)));
    // Its failure is met when it is this batch's turn.
    read.catch(() => undefined);
    this.#underWay.push({ digests: packed.digests, replays, read });
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
    const read = await oldest.read;
    for (const n of read.refused) this.#known.forget(digestAt(oldest.digests, n));
    const again = oldest.replays.filter(({ digest }) => !this.#known.has(digest));
    this.replays += oldest.replays.length - again.length;
    await this.#batching.use(read);
    // Another copy of what was refused is refused too, for its own line.
    if (again.length > 0)
      await this.#batching.use(
        this.#here({ frames: again.map(({ frame }) => frame), digests: again.map(({ digest }) => digest) }),
      );
  }
}

/** Apart from the chunk that the record came in. */
const copied = (frame: Frame): Frame => ({ ...frame, bytes: frame.bytes && Buffer.from(frame.bytes) });
