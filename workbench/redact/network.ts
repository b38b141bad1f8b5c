import { isIPv6 } from "node:net";
import type { Detector, Spot } from "./detector.ts";
import { lower, matchesAt } from "./detector.ts";

// 1.5.6.0-r1, 1.2.3.4-beta2: releases.
const IPV4 =
  /(?<![\p{L}\d_.])(?:\d{1,3}\.){3}\d{1,3}(?![\p{L}\d_]|\.\d|-(?:r|rc|alpha|beta|dev)\d*(?![\p{L}\d]))/gu;
const IPV6 =
  /(?<![\p{L}\d_:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?:(?:\d{1,3}\.){3}\d{1,3})?(?![\p{L}\d_:]|\.\d)/gu;
// Chrome/120.0.0.0, v1.2.3.4, version 10.0.0.1, build 4.5.6.7: numbers of software, not of hosts.
const VERSION_BEFORE =
  /(?:[A-Za-z]\/|\b(?:v|ver|version|release|rel|build|firmware|driver|sdk|api|section|§)[ .:=]*)$/i;

/** Four octets up to 255; version numbers are left alone. */
export const ipv4: Detector = {
  kind: "IP",
  needs: { trigger: "dots", count: 3 },
  normalise: lower,
  find: (spot) =>
    matchesAt(spot, IPV4, { before: 6, after: 14 }, ([found], start) => {
      return (
        areOctets(found.split(".")) && !VERSION_BEFORE.test(spot.text.slice(Math.max(0, start - 12), start))
      );
    }),
};

const areOctets = (parts: readonly string[]): boolean =>
  parts.every((octet) => Number(octet) <= 255 && !/^0\d/.test(octet));

const HOST = /(?<=(?<![\p{L}\d_])ip-)(?:\d{1,3}-){3}\d{1,3}(?![\p{L}\d_-])/gu;

/** An address in a host's name, as clouds give them: ip-10-0-0-7. */
export const ipHost: Detector = {
  kind: "IP",
  needs: { trigger: "host" },
  normalise: (value) => value.replaceAll("-", "."),
  find: (spot) => matchesAt(spot, HOST, { before: 4, after: 13 }, ([found]) => areOctets(found.split("-"))),
};

/** Text that parses as IPv6. `a::b` does, and is a name in many languages: an address has a digit. */
export const ipv6: Detector = {
  kind: "IP",
  needs: { trigger: "colons", count: 2 },
  normalise: lower,
  find: (spot) =>
    mayBeIpv6(spot)
      ? matchesAt(
          spot,
          IPV6,
          { before: 8, after: 24 },
          ([found]) => /\d/.test(found) && /[0-9A-Fa-f]{2}/.test(found) && isIPv6(found),
        )
      : [],
};

/** An address is written out or has a double colon; a time of day has neither. */
function mayBeIpv6({ text, from, to }: Spot): boolean {
  let colons = 0;
  for (let at = from; at < to; at++) {
    if (text.charAt(at) !== ":") continue;
    if (at + 1 < to && text.charAt(at + 1) === ":") return true;
    colons++;
  }
  return colons > 5;
}

const macOf = (separator: string): RegExp =>
  new RegExp(
    `(?<![\\p{L}\\d:-])[0-9A-Fa-f]{2}(?:${separator}[0-9A-Fa-f]{2}){5}(?![\\p{L}\\d]|[:-][\\p{L}\\d])`,
    "gu",
  );
const MAC_COLONS = macOf(":");
const MAC_HYPHENS = macOf("-");
const MAC_REACH = { before: 5, after: 6 };

/** Six pairs with colons. */
export const macColons: Detector = {
  kind: "MAC",
  needs: { trigger: "colons", count: 5 },
  normalise: (value) => value.replace(/-/g, ":").toLowerCase(),
  find: (spot) => matchesAt(spot, MAC_COLONS, MAC_REACH),
};

/** Six pairs with hyphens. */
export const macHyphens: Detector = {
  ...macColons,
  needs: { trigger: "hyphens", count: 5 },
  find: (spot) => matchesAt(spot, MAC_HYPHENS, MAC_REACH),
};

const MAC_QUADS = /(?<![\p{L}\d.])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![\p{L}\d]|\.[\p{L}\d])/gu;

/** Three groups of four with dots, as switches write them: letters and digits, or it is a number or words. */
export const macQuads: Detector = {
  ...macColons,
  needs: { trigger: "quads" },
  normalise: (value) => (value.replaceAll(".", "").match(/../g) ?? []).join(":").toLowerCase(),
  find: (spot) =>
    matchesAt(
      spot,
      MAC_QUADS,
      { before: 5, after: 6 },
      ([found]) => /\d/.test(found) && /[A-Fa-f]/.test(found),
    ),
};
