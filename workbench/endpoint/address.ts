import { lookup } from "node:dns";
import type { LookupAddress } from "node:dns";
import { BlockList, isIP } from "node:net";
import type { LookupFunction } from "node:net";
import { WorkbenchError } from "../errors/error.ts";
import { quoted } from "../errors/printable.ts";

/** Addresses no endpoint may have: link-local (cloud metadata lives there), unspecified, multicast, broadcast. */
const REFUSED = new BlockList();
REFUSED.addSubnet("169.254.0.0", 16);
REFUSED.addSubnet("0.0.0.0", 8);
REFUSED.addSubnet("224.0.0.0", 3);
REFUSED.addAddress("100.100.100.200");
REFUSED.addSubnet("fe80::", 10, "ipv6");
REFUSED.addSubnet("ff00::", 8, "ipv6");
REFUSED.addAddress("::", "ipv6");
REFUSED.addAddress("fd00:ec2::254", "ipv6");

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

const LOOPBACK_NAMES = new Set(["localhost", "localhost."]);

/**
 * Checks where an endpoint lives before anything is dialled: http(s) without user-info, https unless
 * it is loopback, never a link-local or metadata address. Returns the origin and the path prefix.
 *
 * Worked value: `endpointUrl("https://api.example.com/v1/")` is origin `https://api.example.com`, path `/v1`.
 */
export function endpointUrl(text: string): {
  readonly origin: string;
  readonly path: string;
  readonly loopback: boolean;
} {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refused(text, "this is no URL", "write it as https://host/v1");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw refused(text, "only http and https are spoken", "write it as https://host/v1");
  if (url.username !== "" || url.password !== "")
    throw refused(
      url.origin,
      "the URL carries a user name",
      "put the key into a variable and name it with keyEnv",
    );
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const loopback = LOOPBACK_NAMES.has(host) || isLoopbackAddress(host);
  if (isIP(host) !== 0 && isRefused(host))
    throw refused(
      text,
      "this address is link-local, a metadata service or no host at all",
      "name the endpoint's own address",
    );
  if (url.protocol === "http:" && !loopback)
    throw refused(
      text,
      "plain http would carry the key and the prompts in the open",
      "use https, or a tunnel to 127.0.0.1",
    );
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, ""), loopback };
}

/** True for an address that is never dialled; an IPv4 address inside IPv6 counts as itself. */
export function isRefused(address: string): boolean {
  return listed(REFUSED, address);
}

function isLoopbackAddress(address: string): boolean {
  return isIP(address) !== 0 && listed(LOOPBACK, address);
}

function listed(list: BlockList, address: string): boolean {
  const plain = address.split("%", 1)[0] ?? address;
  const mapped = mappedIPv4(plain);
  if (mapped !== null) return list.check(mapped, "ipv4");
  return list.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4");
}

/** `::ffff:a9fe:a9fe` and `64:ff9b::a9fe:a9fe` (NAT64) are 169.254.169.254. */
function mappedIPv4(address: string): string | null {
  if (isIP(address) !== 6) return null;
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const found = /^(?:::ffff:|64:ff9b::|::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (!found) return null;
  const [high, low] = [parseInt(found[1] ?? "0", 16), parseInt(found[2] ?? "0", 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/**
 * A resolver that checks every address it returns; undici dials exactly those, so a name that
 * resolves differently a moment later (rebinding) gains nothing.
 */
export function guardedLookup(loopback: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) {
        callback(error, "", 0);
        return;
      }
      const bad = addresses.find(
        ({ address }) => isRefused(address) || (loopback && !isLoopbackAddress(address)),
      );
      const first = addresses[0];
      if (bad || !first) {
        callback(
          Object.assign(new Error(`${hostname} resolves to a refused address`), {
            code: "WB_ADDRESS_REFUSED",
          }),
          "",
          0,
        );
        return;
      }
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function refused(where: string, what: string, fix: string): WorkbenchError {
  return new WorkbenchError({ code: "WB_CONFIG_INVALID", where: quoted(where), what, fix });
}
