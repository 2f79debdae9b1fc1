import { BlockList, isIP } from "node:net";
import { invalidRequest } from "./problem.ts";

/**
 * Reads networks in CIDR notation; an address alone is a network of itself.
 * @throws ProblemError `request_invalid` that names each one that is none.
 */
export function parseNetworks(networks: readonly string[]): readonly string[] {
  const wrong = networks.flatMap((network, index) => (isNetwork(network) ? [] : [index]));
  if (wrong.length === 0) return networks;
  throw invalidRequest(
    ...wrong.map((index) => ({
      pointer: `/body/allowedNetworks/${index}`,
      code: "format_wrong" as const,
      message: "must be a network such as 192.0.2.0/24 or 2001:db8::/32",
    })),
  );
}

/** Whether a token with these networks works from an address; null is an address that nobody knows. */
export function isAllowedFrom(networks: readonly string[], ip: string | null): boolean {
  if (networks.length === 0) return true;
  const address = ip === null ? "" : plainAddress(ip);
  const family = familyOf(address);
  if (family === undefined) return false;
  const allowed = new BlockList();
  for (const network of networks) {
    const { base, family: other, prefix } = partsOf(network);
    if (other === family) allowed.addSubnet(base, prefix, other);
  }
  return allowed.check(address, family);
}

/** Whether a text is an IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0;
}

type Parts = { readonly base: string; readonly family: "ipv4" | "ipv6" | undefined; readonly prefix: number };

function partsOf(network: string): Parts {
  const [base = "", prefix] = network.split("/");
  const family = familyOf(base);
  return { base, family, prefix: prefix === undefined ? longestPrefix(family) : Number(prefix) };
}

function isNetwork(network: string): boolean {
  const { family, prefix } = partsOf(network);
  return family !== undefined && prefix <= longestPrefix(family);
}

function longestPrefix(family: Parts["family"]): number {
  return family === "ipv4" ? 32 : 128;
}

function familyOf(address: string): Parts["family"] {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
}

/** Without zone, and an IPv4 address that came through an IPv6 socket as what it is. */
function plainAddress(ip: string): string {
  return ip.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
}
