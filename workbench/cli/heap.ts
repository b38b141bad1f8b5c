import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** As large as the young generation may grow: larger, it saves no time here, and is resident for ever. */
const YOUNG_BYTES = 16 << 20;
/** What may be garbage, objects and buffers together, before it is collected. */
const GARBAGE_BYTES = 24 << 20;
const LOOK_MS = 50;

/**
 * Keeps this process about as large as what it holds, until the returned function is called. V8 left
 * alone takes 128 MB for young objects and waits for 64 MB of buffers that nobody needs
 * (docs/design/019-memory-of-a-run.md).
 */
export function keepSmall(): () => void {
  let collect: (() => void) | null = null;
  let heldBytes = Infinity;
  let isYoungBound = false;
  const look = (): void => {
    if (!isYoungBound && youngBytes() >= YOUNG_BYTES) {
      setFlagsFromString("--semi-space-growth-factor=1");
      isYoungBound = true;
    }
    const used = usedBytes();
    heldBytes = Math.min(heldBytes, used);
    if (used - heldBytes < GARBAGE_BYTES) return;
    collect ??= collector();
    collect();
    heldBytes = usedBytes();
  };
  const timer = setInterval(look, LOOK_MS).unref();
  return () => clearInterval(timer);
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;
}

function usedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** V8's own `gc`, which only a context that is made after the flag has. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
