import { BlockList, isIP } from "node:net";
import type { Environment } from "./settings.ts";

/**
 * The proxy that the environment names for an address (`HTTPS_PROXY` for https, `HTTP_PROXY` for http, also in small letters), or
 * undefined: when it names none, when `NO_PROXY` names the address, and for loopback addresses, as in other programs.
 */
export function proxyFromEnvironment(url: URL, environment: Environment): string | undefined {
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const proxy = readVariable(name, environment);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (proxy === undefined || isLoopback(host)) return undefined;
  const exceptions = (readVariable("NO_PROXY", environment) ?? "").split(/[\s,]+/).filter(Boolean);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return exceptions.some((exception) => isException(exception.toLowerCase(), host, port)) ? undefined : proxy;
}

function readVariable(name: string, environment: Environment): string | undefined {
  return (environment[name] ?? environment[name.toLowerCase()]) || undefined;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host);
}

/** `*`, an address, a range of addresses, or a name that stands for itself and those below it; each with or without port. */
function isException(exception: string, host: string, port: string): boolean {
  if (exception === "*") return true;
  if (exception.includes("/")) return isInRange(exception, host);
  const [, name = exception, onlyPort] = /^(.*[^:]):(\d+)$/.exec(exception) ?? [];
  if (isIP(exception) === 0 && onlyPort !== undefined && onlyPort !== port) return false;
  const named = (isIP(exception) === 0 ? name : exception).replace(/^\*?\./, "").replace(/^\[|\]$/g, "");
  return host === named || (isIP(host) === 0 && host.endsWith(`.${named}`));
}

function isInRange(range: string, host: string): boolean {
  const [network = "", bits = ""] = range.split("/");
  const family = isIP(network);
  if (family === 0 || family !== isIP(host) || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return list.check(host, family === 4 ? "ipv4" : "ipv6");
}
