import { isIPv6 } from "node:net";
import type { Detector } from "./detector.ts";
import { lower, matches } from "./detector.ts";

const IPV4 = /(?<![\p{L}\d_.])(?:\d{1,3}\.){3}\d{1,3}(?![\p{L}\d_]|\.\d)/gu;
const IPV6 =
  /(?<![\p{L}\d_:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?:(?:\d{1,3}\.){3}\d{1,3})?(?![\p{L}\d_:])/gu;
// Chrome/120.0.0.0, v1.2.3.4, version 10.0.0.1, build 4.5.6.7: numbers of software, not of hosts.
const VERSION_BEFORE =
  /(?:[A-Za-z]\/|\b(?:v|ver|version|release|rel|build|firmware|driver|sdk|api|section|§)[ .:=]*)$/i;

/**
 * Octets up to 255 or text that parses as IPv6; version numbers are left alone.
 * `a::b` is valid IPv6 and also a name in many languages: an address has a digit.
 */
export const ip: Detector = {
  kind: "IP",
  needs: { chars: "0-9" },
  normalise: lower,
  find: (text) =>
    [
      ...(DOTTED.test(text) ? matches(text, IPV4, isHost) : []),
      ...(text.includes(":")
        ? matches(text, IPV6, ([found]) => isIPv6(found) && /[0-9A-Fa-f]{2}/.test(found))
        : []),
    ].filter(({ start, end }) => /\d/.test(text.slice(start, end))),
};
const DOTTED = /\d\.\d/;

function isHost({ 0: found, index, input }: RegExpExecArray): boolean {
  const inRange = found.split(".").every((octet) => Number(octet) <= 255 && !/^0\d/.test(octet));
  return inRange && !VERSION_BEFORE.test(input.slice(Math.max(0, index - 12), index));
}

/** Six pairs, one separator throughout. */
export const mac: Detector = {
  kind: "MAC",
  needs: { chars: ":-" },
  normalise: (value) => value.replace(/-/g, ":").toLowerCase(),
  find: (text) =>
    matches(
      text,
      /(?<![\p{L}\d:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\p{L}\d]|[:-][\p{L}\d])/gu,
    ),
};
