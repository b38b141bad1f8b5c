import { isIPv6 } from "node:net";
import type { Detector } from "./detector.ts";
import { lower, matches } from "./detector.ts";

const IPV4 = /(?<![\p{L}\d_.])(?:\d{1,3}\.){3}\d{1,3}(?![\p{L}\d_]|\.\d)/gu;
const IPV6 =
  /(?<![\p{L}\d_:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?:(?:\d{1,3}\.){3}\d{1,3})?(?![\p{L}\d_:])/gu;
// Chrome/120.0.0.0, v1.2.3.4, version 10.0.0.1, build 4.5.6.7: numbers of software, not of hosts.
const VERSION_BEFORE =
  /(?:[A-Za-z]\/|\b(?:v|ver|version|release|rel|build|firmware|driver|sdk|api|section|§)[ .:=]*)$/i;

/** Octets up to 255 or text that parses as IPv6; version numbers are left alone. */
export const ip: Detector = {
  kind: "IP",
  needs: "\\d\\.\\d|:[0-9A-Fa-f]{0,4}:",
  normalise: lower,
  find: (text) => [
    ...matches(
      text,
      IPV4,
      (match) =>
        match[0].split(".").every((octet) => Number(octet) <= 255 && !/^0\d/.test(octet)) &&
        !VERSION_BEFORE.test(text.slice(Math.max(0, match.index - 12), match.index)),
    ),
    ...matches(text, IPV6, ([found]) => isIPv6(found) && /[0-9A-Fa-f]{2}/.test(found) && isHostLike(found)),
  ],
};

/** `a::b` is valid IPv6 and also a name in many languages: ask for two colons more, or for digits. */
function isHostLike(found: string): boolean {
  return found.split(":").filter((group) => group !== "").length >= 3 || /\d/.test(found);
}

/** Six pairs, one separator throughout. */
export const mac: Detector = {
  kind: "MAC",
  needs: "[0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-]",
  normalise: (value) => value.replace(/-/g, ":").toLowerCase(),
  find: (text) =>
    matches(
      text,
      /(?<![\p{L}\d:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\p{L}\d]|[:-][\p{L}\d])/gu,
    ),
};
