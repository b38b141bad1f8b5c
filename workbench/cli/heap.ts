import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** As large as the young generation may grow: larger, it saves little time here and stays resident. */
const YOUNG_BYTES = 8 << 20;
/** What may be garbage among old objects and buffers before it is collected. */
const GARBAGE_BYTES = 12 << 20;
const LOOK_MS = 50;

/**
 * Keeps this process about as large as what it holds, until the returned function is called. V8 left
 * alone takes 128 MB for young objects and waits for 64 MB of buffers that nobody needs
 * (docs/design/019-memory-of-a-run.md).
 */
export function keepSmall(): () => void {
  let collect: (() => void) | null = null;
  let heldBytes = Infinity;
  let isBound = false;
  const look = (): void => {
    const { youngBytes, oldBytes } = sizes();
    if (!isBound && youngBytes >= YOUNG_BYTES) {
      setFlagsFromString("--semi-space-growth-factor=1");
      isBound = true;
    }
    heldBytes = Math.min(heldBytes, oldBytes);
    if (oldBytes - heldBytes < GARBAGE_BYTES) return;
    collect ??= collector();
    collect();
    heldBytes = sizes().oldBytes;
  };
  look();
  const timer = setInterval(look, LOOK_MS).unref();
  return () => clearInterval(timer);
}

/** The young generation as it is laid out, and what everything outside it takes, buffers included. */
function sizes(): { readonly youngBytes: number; readonly oldBytes: number } {
  const { used_heap_size, external_memory } = getHeapStatistics();
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
  const usedBytes = used_heap_size + external_memory;
  return { youngBytes: young?.space_size ?? 0, oldBytes: usedBytes - (young?.space_used_size ?? 0) };
}

/** V8's own `gc`, which only a context that is made after the flag has. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
