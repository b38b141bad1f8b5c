import { bsnChecks, cpfChecks, dniChecks, nirChecks } from "./checksum.ts";
import type { Detector } from "./detector.ts";
import { digitsOf, matches } from "./detector.ts";

/** US social security number: area not 000, 666 or 9xx; group and serial not zero. */
export const ssn: Detector = {
  kind: "SSN",
  needs: { chars: "0-9", digits: 9 },
  normalise: digitsOf,
  find: (text) =>
    matches(
      text,
      /(?<![\p{L}\d.-])(?!000|666|9)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\p{L}\d]|-\d|\.\d)/gu,
    ),
};

const CPF = /(?<![\p{L}\d.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\p{L}\d])/gu;
const DNI = /(?<![\p{L}\d.-])(?:\d{8}|[XYZ]-?\d{7})-?[A-Za-z](?![\p{L}\d])/gu;
const NIR =
  /(?<![\p{L}\d])[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-4]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?![\p{L}\d])/gu;
const BSN = /(?<![\p{L}\d.-])\d{9}(?![\p{L}\d]|[.-]\d)/gu;
// One nine-digit number in eleven passes the eleven-test: only beside its name.
const BSN_WORD = /\b(?:bsn|burgerservicenummer|sofinummer)\b[^\d]{0,20}$/i;

/** CPF (mod 11), DNI and NIE (letter mod 23), NIR (mod 97), BSN (eleven-test, beside its name). */
export const nationalId: Detector = {
  kind: "NATIONAL_ID",
  needs: { chars: "0-9", digits: 7 },
  normalise: (value) => value.replace(/[\s.-]/g, "").toUpperCase(),
  find: (text) => [
    ...matches(text, CPF, ([found]) => cpfChecks(digitsOf(found))),
    ...matches(text, DNI, ([found]) => dniChecks(found.replace(/-/g, ""))),
    ...matches(text, NIR, ([found]) => nirChecks(found.replace(/ /g, ""))),
    ...matches(
      text,
      BSN,
      (match) => bsnChecks(match[0]) && BSN_WORD.test(text.slice(Math.max(0, match.index - 50), match.index)),
    ),
  ],
};
