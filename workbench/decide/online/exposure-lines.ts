import { ExposureLine, type Experiment, type ExposureFlaw } from "../../schema/experiment.ts";
import { userKey } from "../../redact/pseudonym.ts";
import { assign } from "./assign.ts";

/** An exposure as it is stored: the unit a pseudonym, the time in UTC. */
export interface StoredExposure {
  readonly line_no: number;
  readonly experiment: string;
  readonly unit: string;
  readonly arm: "baseline" | "candidate";
  readonly bucket: number | null;
  readonly stage: number;
  readonly exposed_at: string;
  readonly policy_sha256: string | null;
  readonly alias: string | null;
  readonly fallback: boolean;
  readonly slices: Readonly<Record<string, string>>;
  /** Whether the experiment's hash gives this arm; null where it cannot be asked. */
  readonly as_hashed: boolean | null;
}

export type ReadLine =
  | { readonly kind: "exposure"; readonly value: StoredExposure }
  | { readonly kind: "blank" }
  | { readonly kind: "flawed"; readonly reason: ExposureFlaw; readonly detail: string };

/** What a line is read with. */
export interface LineContext {
  readonly lineNo: number;
  readonly key: Uint8Array;
  readonly experiments: ReadonlyMap<string, Experiment>;
}

const STRICT = new TextDecoder("utf-8", { fatal: true });
const LONGEST = 65_536;

/** Reads one line of an exposure log. Never throws, whatever the bytes; a refusal quotes nothing of them. */
export function readExposure(bytes: Uint8Array, context: LineContext): ReadLine {
  const flawed = (reason: ExposureFlaw, detail: string): ReadLine => ({ kind: "flawed", reason, detail });
  if (bytes.length > LONGEST) return flawed("too_long", `${bytes.length} bytes`);
  let text: string;
  try {
    text = STRICT.decode(bytes);
  } catch {
    return flawed("utf8_invalid", "not UTF-8");
  }
  if (text.trim() === "") return { kind: "blank" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return flawed("json_invalid", "not JSON");
  }
  const parsed = ExposureLine.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return flawed(
      "wrong_shape",
      `${issue?.path.map(String).join(".") || "the line"}: ${issue?.code ?? "invalid"}`,
    );
  }
  // Half a surrogate pair has no bytes of its own: its hash would not be the unit's.
  if (!parsed.data.unit.isWellFormed()) return flawed("unit_malformed", "half a surrogate pair");
  return { kind: "exposure", value: stored(parsed.data, context) };
}

function stored(line: ExposureLine, { lineNo, key, experiments }: LineContext): StoredExposure {
  const experiment = experiments.get(line.experiment);
  const isUser = (experiment?.policy.online.unit ?? "user") === "user";
  return {
    line_no: lineNo,
    experiment: line.experiment,
    unit: isUser ? (userKey(line.unit, key) ?? line.unit) : line.unit,
    arm: line.arm,
    bucket: line.bucket,
    stage: line.stage,
    exposed_at: new Date(line.at).toISOString(),
    policy_sha256: line.policySha256,
    alias: line.alias,
    fallback: line.fallback,
    slices: line.slices,
    as_hashed: experiment === undefined ? null : isAsHashed(line, experiment),
  };
}

/** A log of pseudonyms cannot be asked: the application hashed what it knew. */
function isAsHashed(line: ExposureLine, { salt, policy }: Experiment): boolean | null {
  const expected = assign(line.unit, { salt, percent: line.stage, split: policy.online.split });
  const isSame = expected.arm === line.arm && (line.bucket === null || line.bucket === expected.bucket);
  return isSame || userKey(line.unit, new Uint8Array(32)) !== line.unit ? isSame : null;
}
