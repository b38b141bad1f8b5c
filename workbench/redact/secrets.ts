import type { Detector, Span } from "./detector.ts";
import { matches } from "./detector.ts";

const same = (value: string): string => value;

/** Prefixes that their issuers document, and the shortest tail that makes one. */
const ISSUED = [
  "sk-(?:[a-z]+-)*[A-Za-z0-9_-]{20,}",
  "(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}",
  "gh[pousr]_[A-Za-z0-9]{30,}",
  "github_pat_\\w{22,}",
  "glpat-[\\w-]{20,}",
  "xox[abeoprs]-[\\w-]{10,}",
  "xapp-[\\w-]{20,}",
  "(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}",
  "AIza[\\w-]{35}",
  "ya29\\.[\\w-]{20,}",
  "hf_[A-Za-z0-9]{30,}",
  "npm_[A-Za-z0-9]{36}",
  "pypi-[\\w-]{50,}",
  "SG\\.[\\w-]{16,}\\.[\\w-]{16,}",
  "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
  "dop_v1_[0-9a-f]{64}",
  "lin_api_[A-Za-z0-9]{32,}",
  "key-[0-9a-f]{32}",
  "(?:SK|AC)[0-9a-f]{32}",
  "\\d{8,10}:AA[\\w-]{33}",
  "https://hooks\\.slack\\.com/services/T\\w+/B\\w+/\\w+",
];
const ISSUED_PATTERN = new RegExp(`(?<![A-Za-z0-9_])(?:${ISSUED.join("|")})(?![A-Za-z0-9_])`, "g");
const BESIDE_A_WORD =
  /(?<![A-Za-z])(?:api[_ -]?key|access[_ -]?key|secret(?:[_ -]?key)?|client[_ -]?secret|auth(?:orization)?|bearer|token|passw(?:or)?d|pwd)["']?(?:\s*[:=]\s*|\s+is\s+|\s+)["']?(?:bearer\s+|basic\s+)?([^\s"',;<>()[\]{}]{8,512})/gi;

/**
 * Shannon entropy of a text in bits per character.
 * Worked value: `entropyBits("aabb")` is 1.
 */
export function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** API keys and tokens with a prefix that their issuers document. */
export const issuedSecret: Detector = {
  kind: "SECRET",
  needs: {
    chars: "_-",
    texts: ["AKIA", "ASIA", "ABIA", "ACCA", "AIza", "ya29.", "SG.", "SK", "AC", ":AA", "hooks.slack.com"],
  },
  normalise: same,
  find: (text) => (PREFIX.test(text) ? matches(text, ISSUED_PATTERN) : []),
};
const PREFIX =
  /sk-|[srp]k_|gh[pousr]_|github_pat|glpat-|xox|xapp-|A[KSBC][IC]A|AIza|ya29|hf_|npm_|pypi-|SG\.|shp|dop_|lin_api|key-|SK[0-9a-f]|AC[0-9a-f]|:AA|hooks\.slack/;

/** High entropy beside a word such as key, token or password. */
export const secretBesideWord: Detector = {
  kind: "SECRET",
  needs: { chars: "0-9" },
  normalise: same,
  find: (text) =>
    matches(text, BESIDE_A_WORD, (match) => looksRandom(match[1] ?? "")).map(({ start, end }) => {
      const value = /[^\s"',;<>()[\]{}]+$/.exec(text.slice(start, end))?.[0] ?? "";
      return { start: end - value.length, end };
    }),
};

/** Letters mixed with digits or signs, and at least 2.8 bits a character: no word of a language. */
function looksRandom(value: string): boolean {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(value)).length;
  return classes >= 2 && /\d/.test(value) && entropyBits(value) >= 2.8;
}

/** Three base64url parts of which the first decodes to a JSON object. */
export const jwt: Detector = {
  kind: "JWT",
  needs: { texts: ["eyJ"] },
  normalise: same,
  find: (text) =>
    matches(text, /(?<![\w-])(eyJ[\w-]{5,})\.[\w-]{4,}\.[\w-]*/g, (match) => decodesToJson(match[1] ?? "")),
};

function decodesToJson(part: string): boolean {
  try {
    return typeof JSON.parse(Buffer.from(part, "base64url").toString("utf8")) === "object";
  } catch {
    return false;
  }
}

const PEM_BEGIN = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----/g;
const PEM_END = /-----END [A-Z ]{0,20}-----/y;

/** PEM blocks; a block that was cut off ends with the text. */
export const privateKey: Detector = {
  kind: "PRIVATE_KEY",
  needs: { texts: ["-----BEGIN"] },
  normalise: same,
  find: (text) => {
    const spans: Span[] = [];
    let done = 0;
    // Its end is searched for, not matched: a pattern over megabytes overflows the engine's stack.
    for (const { start, end: bodyStart } of matches(text, PEM_BEGIN)) {
      if (start < done) continue;
      const bodyEnd = text.indexOf("-----END", bodyStart);
      PEM_END.lastIndex = bodyEnd;
      done = bodyEnd === -1 ? text.length : bodyEnd + (PEM_END.exec(text)?.[0].length ?? 0);
      spans.push({ start, end: done });
    }
    return spans;
  },
};

/** The `user:password` of a URL; what follows the @ stays readable. */
export const urlPassword: Detector = {
  kind: "URL_PASSWORD",
  needs: { texts: ["://"] },
  normalise: same,
  find: (text) => matches(text, /(?<=:\/\/)[^\s/:@"'<>]{0,128}:[^\s/@"'<>]{1,256}(?=@[^\s@])/g),
};

/** Embedded files: their text is no language, and may hold anything. */
export const dataUrl: Detector = {
  kind: "DATA",
  needs: { texts: ["data:"] },
  normalise: same,
  find: (text) =>
    matches(text, /(?<![A-Za-z])data:[a-z]+\/[\w.+-]+(?:;[\w=.+-]+)*;base64,[A-Za-z0-9+/=_-]{16,}/g),
};
