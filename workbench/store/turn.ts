/**
 * Resolves once what this turn of the event loop has read is worked off, and before the loop waits again: what
 * gathers until then needs one system call, and costs nobody time.
 */
export function restOfTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
