import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { Frame, Framer, FramerStart } from "./frame.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);
const WHITE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * One record per element of a top-level JSON array, without holding the array. Elements are cut at
 * the commas of depth 1; whether each is JSON is for the parser to say. What stands behind the
 * closing bracket is one more record, which the parser will refuse.
 */
export function arrayFramer({ maxBytes }: FramerStart): Framer {
  let state: "before" | "inside" | "behind" = "before";
  let depth = 0;
  let inString = false;
  let escaped = false;
  let offset = 0; // of the next byte of the stream
  let element: Element = newElement(0, maxBytes);
  let number = 0;

  const take = (frames: Frame[], terminated: boolean, required: boolean): void => {
    const frame = element.frame(number + 1, terminated);
    if (frame === null && !required) return;
    number++;
    frames.push(frame ?? { ...emptyFrame(offset), line: number, terminated });
  };

  return {
    push: (chunk) => {
      const frames: Frame[] = [];
      let from = 0; // start within the chunk of what belongs to the element
      const close = (to: number, required: boolean): void => {
        element.add(chunk.subarray(from, to));
        take(frames, true, required);
        element = newElement(offset + to + 1, maxBytes);
        from = to + 1;
      };
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at] as number;
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === BACKSLASH) escaped = true;
          else if (byte === QUOTE) inString = false;
        } else if (state === "before") {
          if (byte !== 0x5b) continue;
          state = "inside";
          element = newElement(offset + at + 1, maxBytes);
          from = at + 1;
        } else if (byte === QUOTE) inString = true;
        else if (OPEN.has(byte)) depth++;
        else if (CLOSE.has(byte) && state === "inside") {
          if (depth > 0) depth--;
          else {
            close(at, false);
            state = "behind";
          }
        } else if (byte === COMMA && depth === 0 && state === "inside") close(at, true);
      }
      if (state !== "before") element.add(Buffer.from(chunk.subarray(from)));
      offset += chunk.length;
      return frames;
    },
    end: () => {
      const frames: Frame[] = [];
      if (state !== "before") take(frames, state === "behind", false);
      return frames;
    },
    blank: () => 0,
    nextLine: () => number + 1,
  };
}

interface Element {
  readonly add: (piece: Buffer) => void;
  /** Null when nothing but white space was added. */
  readonly frame: (line: number, terminated: boolean) => Frame | null;
}

function newElement(start: number, maxBytes: number): Element {
  let held: Buffer[] = [];
  let length = 0;
  let hash: Hash | null = null;
  return {
    add: (piece) => {
      length += piece.length;
      if (hash === null && length > maxBytes) {
        hash = createHash("sha256");
        for (const earlier of held) hash.update(earlier);
        held = [];
      }
      if (hash) hash.update(piece);
      else if (piece.length > 0) held.push(piece);
    },
    frame: (line, terminated) => {
      if (hash)
        return {
          line,
          byteOffset: start,
          byteLength: length,
          bytes: null,
          sha256: hash.digest("hex"),
          terminated,
        };
      const all = Buffer.concat(held);
      let [from, to] = [0, all.length];
      while (from < to && WHITE.has(all[from] as number)) from++;
      while (to > from && WHITE.has(all[to - 1] as number)) to--;
      if (from === to) return null;
      return {
        line,
        byteOffset: start + from,
        byteLength: to - from,
        bytes: all.subarray(from, to),
        sha256: null,
        terminated,
      };
    },
  };
}

const emptyFrame = (byteOffset: number): Frame => ({
  line: 0,
  byteOffset,
  byteLength: 0,
  bytes: Buffer.alloc(0),
  sha256: null,
  terminated: true,
});
