/** What the logs, datasets, runs and the registry say; null is not known. */
export interface Facts {
  readonly logs: {
    readonly interactions: number;
    readonly mostOfOneAgent: number;
    readonly users: number;
    readonly withSignal: number;
    readonly good: number;
    readonly bad: number;
    readonly corrected: number;
    readonly withOutcome: number;
    readonly completed: number;
    readonly sincePromotion: number;
    readonly firstHalf: number;
    readonly firstCompleted: number;
    readonly secondHalf: number;
    readonly secondCompleted: number;
  };
  readonly usdPerMonth: number | null;
  /** Rows of the largest dataset version of each kind. */
  readonly examples: number | null;
  readonly pairs: number | null;
  readonly bases: readonly { readonly name: string; readonly bytes: number }[];
  /** Arms without a training run, of the newest eval run that has two or more of them. */
  readonly untrained: readonly {
    readonly arm: string;
    readonly success: number | null;
    readonly usdPerThousand: number | null;
  }[];
  readonly decision: {
    readonly run: string;
    readonly verdict: string;
    readonly reasons: readonly string[];
    readonly sentence: string;
    readonly baselineIsProduction: boolean | null;
    readonly registered: boolean;
  } | null;
  readonly production: { readonly version: string; readonly since: string; readonly days: number } | null;
}

export interface Answer {
  readonly question: "train" | "method" | "base" | "deploy" | "retrain";
  readonly answer: string;
  readonly reasons: readonly string[];
  /** Data that would settle or sharpen the answer. */
  readonly missing: readonly string[];
  readonly next: string;
}

/** C13: below these, prompts and examples in the prompt do as well, and a training tells noise apart badly. */
export const LEAST_INTERACTIONS = 1000;
export const LEAST_PAIRS = 500;
export const TARGET_PER_AGENT = 10_000;

/** Worked value: `percent(0.125)` is "12.5 %". */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
