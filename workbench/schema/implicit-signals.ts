import { z } from "zod";

const share = z.number().min(0).max(1);
const worth = z.number().min(-1).max(1);

/** What behaviour says about an answer, and from which number on. Sums are held to [−1, 1] by whoever adds. */
export const ImplicitSignals = z.strictObject({
  /** The user asks again in other words: so similar (Jaccard, of words) and so soon after. */
  reformulated: worth.default(-0.5),
  reformulatedSimilarity: share.default(0.4),
  reformulatedWithinS: z.number().positive().default(120),
  /** The user goes on with the answer at once. */
  accepted: worth.default(0.6),
  acceptedWithinMs: z.number().positive().default(3000),
  copied: worth.default(0.4),
  /** For each citation that is opened. */
  cited: worth.default(0.3),
  /** The answer was looked at for this share of the time that reading it takes. */
  read: worth.default(0.5),
  readShare: share.default(0.8),
  /** Silent reading of English non-fiction (Brysbaert 2019, doi:10.1016/j.jml.2019.104047). */
  wordsPerMinute: z.number().positive().default(238),
});
export type ImplicitSignals = z.infer<typeof ImplicitSignals>;
