import { bsnChecks, cpfChecks, dniChecks, nirChecks } from "./checksum.ts";
import type { Detector } from "./detector.ts";
import { digitsOf, matchesAt } from "./detector.ts";

const NEAR = { before: 4, after: 4 };
const bare = (value: string): string => value.replace(/[\s.-]/g, "").toUpperCase();

const SSN = /(?<![\p{L}\d.-])(?!000|666|9)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\p{L}\d]|-\d|\.\d)/gu;

/** US social security number: area not 000, 666 or 9xx; group and serial not zero. */
export const ssn: Detector = {
  kind: "SSN",
  needs: { trigger: "groups", count: 9 },
  normalise: digitsOf,
  find: (spot) => matchesAt(spot, SSN, NEAR),
};

const DNI = /(?<![\p{L}\d.-])(?:\d{8}|[XYZ]-?\d{7})-?[A-Za-z](?![\p{L}\d])/gu;

/** DNI and NIE: letter mod 23. */
export const dni: Detector = {
  kind: "NATIONAL_ID",
  needs: { trigger: "lettered" },
  normalise: bare,
  find: (spot) => matchesAt(spot, DNI, NEAR, ([found]) => dniChecks(found.replace(/-/g, ""))),
};

const CPF = /(?<![\p{L}\d.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\p{L}\d])/gu;
const BARE_CPF = /(?<![\p{L}\d.-])\d{11}(?![\p{L}\d]|[.-]\d)/gu;
const CPF_WORD = /\bcpf\b[^\d]{0,12}$/i;
const BSN = /(?<![\p{L}\d.-])\d{9}(?![\p{L}\d]|[.-]\d)/gu;
// One nine-digit number in eleven passes the eleven-test: only beside its name.
const BSN_WORD = /\b(?:bsn|burgerservicenummer|sofinummer)\b[^\d]{0,20}$/i;
const NIR =
  /(?<![\p{L}\d])[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-4]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?![\p{L}\d])/gu;

/** CPF (mod 11), NIR (mod 97). */
export const nationalId: Detector = {
  kind: "NATIONAL_ID",
  needs: { trigger: "national" },
  normalise: bare,
  find: (spot) => [
    ...matchesAt(spot, CPF, NEAR, ([found]) => cpfChecks(digitsOf(found))),
    ...matchesAt(spot, NIR, NEAR, ([found]) => nirChecks(found.replace(/ /g, ""))),
  ],
};

/** CPF (mod 11) and BSN (eleven-test) without a sign in them: only beside their names. */
export const nationalIdBesideWord: Detector = {
  ...nationalId,
  needs: { trigger: "long" },
  find: (spot) => {
    const isBeside = (word: RegExp, start: number): boolean =>
      word.test(spot.text.slice(Math.max(0, start - 50), start));
    return [
      ...matchesAt(spot, BARE_CPF, NEAR, ([found], at) => cpfChecks(found) && isBeside(CPF_WORD, at)),
      ...matchesAt(spot, BSN, NEAR, ([found], at) => bsnChecks(found) && isBeside(BSN_WORD, at)),
    ];
  },
};
