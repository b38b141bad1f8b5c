import { z } from "zod";

/** Service levels that are billed apart. */
export const PriceTier = z.enum(["standard", "batch", "priority", "flex"]);
export type PriceTier = z.infer<typeof PriceTier>;

/** USD per 1,000,000 tokens, at most six decimals (whole pico-USD a token). Blank is unknown, 0 is free. */
const Rate = z
  .number()
  .nonnegative()
  .max(1_000_000)
  .refine((rate) => Math.abs(rate * 1e6 - Math.round(rate * 1e6)) < 1e-6, "at most six decimals")
  .nullable()
  .default(null);

export const Rates = z.strictObject({
  input: Rate,
  cachedRead: Rate,
  cacheWrite: Rate,
  output: Rate,
});
export type Rates = z.infer<typeof Rates>;

/** One dated price: valid from the start of `effectiveFrom` (UTC) until the start of `effectiveTo`. */
export const PriceRow = z.strictObject({
  /** `provider/model`. */
  model: z.string().regex(/^[a-z0-9-]+\/\S+$/, "write provider/model"),
  tier: PriceTier.default("standard"),
  currency: z.literal("USD").default("USD"),
  usdPerMillion: Rates,
  /** Other rates for requests with more input tokens than this, where the provider has them. */
  longContext: z
    .strictObject({ aboveInputTokens: z.number().int().positive(), usdPerMillion: Rates })
    .nullable()
    .default(null),
  effectiveFrom: z.iso.date(),
  effectiveTo: z.iso.date().nullable().default(null),
  /** Where the figures were read. "illustrative" is allowed and shown. */
  source: z.string().min(1),
  /** The day on which the source said so. Blank: the source states none. */
  retrievedAt: z.iso.date().nullable().default(null),
});
export type PriceRow = z.infer<typeof PriceRow>;

/** `evals/prices/*.yaml`. */
export const PriceFile = z.strictObject({
  schema: z.literal("workbench/prices@1"),
  rows: z.array(PriceRow).min(1),
});
export type PriceFile = z.infer<typeof PriceFile>;
