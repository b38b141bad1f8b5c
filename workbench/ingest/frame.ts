import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { QuarantineReason } from "../schema/import.ts";

/** A record cut out of a stream of bytes, not yet looked into. */
export interface Frame {
  /** Line number, or number of the element in a JSON array; from 1. */
  readonly line: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  /** Null when the record is over the cap: then `sha256` tells its bytes. */
  readonly bytes: Buffer | null;
  readonly sha256: string | null;
  /** False for a last line without a newline, and for an array element that the file's end cut. */
  readonly terminated: boolean;
  /** What is wrong with the record before anybody looks into it: then it goes to the quarantine as it is. */
  readonly flaw?: Flaw;
}

export interface Flaw {
  readonly reason: QuarantineReason;
  readonly detail: string;
}

/** Cuts records out of chunks. `blank` counts lines that hold nothing. */
export interface Framer {
  readonly push: (chunk: Buffer) => readonly Frame[];
  readonly end: () => readonly Frame[];
  readonly blank: () => number;
  /** The number that the next record would have. */
  readonly nextLine: () => number;
}

export interface FramerStart {
  readonly line?: number;
  readonly byteOffset?: number;
  readonly maxBytes: number;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** One record a line. CRLF and a BOM at the start of a line are not part of the record. */
export function lineFramer({ line = 1, byteOffset = 0, maxBytes }: FramerStart): Framer {
  let at = byteOffset; // offset of the line that is being gathered
  let number = line;
  let blank = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let hash: Hash | null = null;

  const gather = (piece: Buffer): void => {
    heldBytes += piece.length;
    if (hash === null && heldBytes > maxBytes) {
      hash = createHash("sha256");
      for (const earlier of held) hash.update(earlier);
      held = [];
    }
    if (hash) hash.update(piece);
    else if (piece.length > 0) held.push(piece);
  };
  const finish = (terminated: boolean): Frame | null => {
    const raw = hash ? null : held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
    const bytes = raw && trimmed(raw);
    const isBlank = bytes !== null && isWhite(bytes);
    const frame: Frame = {
      line: number,
      byteOffset: at + (raw && startsWithBom(raw) ? 3 : 0),
      byteLength: bytes?.length ?? heldBytes,
      bytes,
      sha256: hash?.digest("hex") ?? null,
      terminated,
    };
    at += heldBytes + (terminated ? 1 : 0);
    number++;
    held = [];
    heldBytes = 0;
    hash = null;
    if (isBlank) blank++;
    return isBlank ? null : frame;
  };

  return {
    push: (chunk) => {
      const frames: Frame[] = [];
      let from = 0;
      for (let to = chunk.indexOf(NEWLINE); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
        gather(chunk.subarray(from, to));
        const frame = finish(true);
        if (frame) frames.push(frame);
        from = to + 1;
      }
      // A copy: a line that is never ended must not keep every chunk it came in.
      gather(Buffer.from(chunk.subarray(from)));
      return frames;
    },
    end: () => {
      if (heldBytes === 0) return [];
      const frame = finish(false);
      return frame ? [frame] : [];
    },
    blank: () => blank,
    nextLine: () => number,
  };
}

function trimmed(bytes: Buffer): Buffer {
  const start = startsWithBom(bytes) ? 3 : 0;
  const end = bytes.length > start && bytes[bytes.length - 1] === RETURN ? bytes.length - 1 : bytes.length;
  return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
}

function isWhite(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09 && byte !== RETURN) return false;
  return true;
}

function startsWithBom(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
