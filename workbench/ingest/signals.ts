import { isRecord, numberOf } from "./formats/format.ts";

interface Rule {
  readonly explicit: boolean;
  /** The value in [-1, 1] and why, or null when `raw` does not say. */
  readonly value: (raw: unknown) => readonly [value: number, reason: string] | null;
}

const always = (value: number, reason: string) => (): readonly [number, string] => [value, reason];

/**
 * What each kind of signal is worth (requirements I2 and I3): explicit ones as the user gave them,
 * implicit ones as read off behaviour. Their sum is clamped by whoever adds them.
 */
const RULES: Readonly<Record<string, Rule>> = {
  thumb: { explicit: true, value: (raw) => thumb(raw) },
  rating: {
    explicit: true,
    value: (raw) => {
      const stars = numberOf(raw);
      return stars === null || stars < 1 || stars > 5 ? null : [(stars - 3) / 2, "(rating - 3) / 2"];
    },
  },
  correction: { explicit: true, value: always(-0.5, "the user corrected the answer") },
  follow_up: { explicit: true, value: always(0, "the user asked on") },
  abandonment: { explicit: true, value: always(-0.8, "the user gave up") },
  reformulated: { explicit: false, value: always(-0.5, "the user asked again in other words") },
  accepted: {
    explicit: false,
    value: (raw) => {
      const ms = numberOf(isRecord(raw) ? raw["ms"] : raw);
      return ms !== null && ms >= 3000
        ? [0, "next action after 3 s or more"]
        : [0.6, "next action within 3 s"];
    },
  },
  copied: { explicit: false, value: always(0.4, "the response was copied") },
  cited: { explicit: false, value: always(0.3, "a citation was opened") },
  read: {
    explicit: false,
    value: (raw) => {
      const share = numberOf(isRecord(raw) ? raw["share"] : raw);
      if (share === null) return null;
      return share >= 0.8
        ? [0.5, "read for 80 % of the expected time or more"]
        : [0, "read for less than 80 % of the expected time"];
    },
  },
};

function thumb(raw: unknown): readonly [number, string] | null {
  if (raw === true || raw === 1 || raw === "up" || raw === "+1") return [1, "thumb up"];
  if (raw === false || raw === -1 || raw === 0 || raw === "down" || raw === "-1") return [-1, "thumb down"];
  return null;
}

/**
 * Gives a signal its value and reason by the rule of its kind, unless the source gave a value.
 * Worked value: `{kind: "rating", raw: 4}` gets 0.5, `(rating - 3) / 2`.
 */
export function valued(signal: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const rule = ruleOf(signal["kind"]);
  if (rule === undefined || (signal["value"] ?? null) !== null) return signal;
  const given = rule.value(signal["raw"]);
  return given === null ? signal : { ...signal, value: given[0], reason: signal["reason"] ?? given[1] };
}

/** Whether a kind of signal is given on purpose; kinds without a rule are taken to be. */
export function isExplicit(kind: unknown): boolean {
  return ruleOf(kind)?.explicit ?? true;
}

function ruleOf(kind: unknown): Rule | undefined {
  return typeof kind === "string" && Object.hasOwn(RULES, kind) ? RULES[kind] : undefined;
}
