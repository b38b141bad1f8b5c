/** What one record, one archive and one batch may cost us. */
export interface Limits {
  /** A longer record is hashed while it is skipped, never held. */
  readonly recordBytes: number;
  readonly depth: number;
  /** Unpacked bytes per packed byte, above an allowance of `unpackFree`. */
  readonly unpackRatio: number;
  readonly unpackFree: number;
  /** Bytes of records that are read together, by one thread. */
  readonly batchBytes: number;
}

export const LIMITS: Limits = {
  recordBytes: 16 * 1024 * 1024,
  depth: 64,
  unpackRatio: 100,
  unpackFree: 64 * 1024 * 1024,
  batchBytes: 16 * 1024 * 1024,
};
