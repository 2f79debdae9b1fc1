import { isAddress } from "../domain/allowed-networks.ts";
import { invalidRequest } from "../domain/problem.ts";

/**
 * The address a token was presented from, as whoever asks about the token says; null when nobody says.
 * @throws ProblemError `request_invalid` when it is no address.
 */
export function parsePresentedIp(ip: string | undefined): string | null {
  if (ip === undefined) return null;
  if (isAddress(ip)) return ip;
  throw invalidRequest({ pointer: "/body/ip", code: "format_wrong", message: "must be an IPv4 or IPv6 address" });
}
