import { readFileSync } from "node:fs";
import type { ClientConfig } from "pg";

const knownParameters = ["host", "options", "sslmode", "sslrootcert", "sslcert", "sslkey"];
const sslModes = ["disable", "require", "verify-ca", "verify-full"];
const loopback = ["", "localhost", "127.0.0.1", "::1"];

/** Whether a database is named by a PostgreSQL URL, rather than by the path of a SQLite file. */
export function isPostgresUrl(location: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(location);
}

/** The URL as it may be shown: without its password. */
export function redactPostgresUrl(url: string): string {
  if (!URL.canParse(url)) return "postgres://***";
  const shown = new URL(url);
  if (shown.password !== "") shown.password = "***";
  return shown.href;
}

/**
 * Where a URL leads, and how the connection is secured, in libpq's words: `sslmode` is `disable`, `require` (encrypted),
 * `verify-ca` (and the certificate is one of `sslrootcert`) or `verify-full` (and it is the host's). `sslrootcert`,
 * `sslcert` and `sslkey` are paths of PEM files. What the URL leaves out comes from `pg`'s variables, such as PGPASSWORD.
 *
 * @throws Error for a parameter that is not known, and for a host across a network without `sslmode`.
 */
export function parsePostgresUrl(text: string): ClientConfig {
  const url = new URL(text);
  for (const name of url.searchParams.keys()) {
    if (!knownParameters.includes(name))
      throw new Error(`The URL's parameter ${name} is not known. Known are ${knownParameters.join(", ")}.`);
  }
  const host = url.searchParams.get("host") ?? url.hostname.replace(/^\[(.*)\]$/, "$1");
  const options = url.searchParams.get("options");
  return {
    ...(host === "" ? {} : { host: decodeURIComponent(host) }),
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    ...(url.username === "" ? {} : { user: decodeURIComponent(url.username) }),
    ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.pathname.length < 2 ? {} : { database: decodeURIComponent(url.pathname.slice(1)) }),
    ...(options === null ? {} : { options }),
    ssl: parseSsl(url.searchParams, host),
  };
}

function parseSsl(parameters: URLSearchParams, host: string): ClientConfig["ssl"] {
  const mode = parameters.get("sslmode");
  if (mode === null) {
    if (loopback.includes(host) || host.startsWith("/")) return false;
    throw new Error("The URL names no sslmode. Add ?sslmode=verify-full, or ?sslmode=disable in a network you trust.");
  }
  if (!sslModes.includes(mode)) throw new Error(`The URL's sslmode must be one of ${sslModes.join(", ")}.`);
  if (mode === "disable") return false;
  const rootCertificate = parameters.get("sslrootcert");
  const [certificate, key] = [parameters.get("sslcert"), parameters.get("sslkey")];
  return {
    ...(rootCertificate === null ? {} : { ca: readFileSync(rootCertificate, "utf8") }),
    ...(certificate === null ? {} : { cert: readFileSync(certificate, "utf8") }),
    ...(key === null ? {} : { key: readFileSync(key, "utf8") }),
    // As libpq does: with a root certificate, `require` verifies like `verify-ca`.
    rejectUnauthorized: mode !== "require" || rootCertificate !== null,
    // Node knows the name that was asked for, but not the address: without it a certificate for localhost would do.
    host,
    ...(mode === "verify-full" ? {} : { checkServerIdentity: () => undefined }),
  };
}
