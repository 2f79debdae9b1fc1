import type { MailAddress } from "./mail-transport.ts";
import type { SmtpServer } from "./smtp-transport.ts";

const address = /^[^\s,;:<>()[\]"@\p{C}]{1,64}@[0-9A-Za-z][0-9A-Za-z.-]{0,188}$/u;

/** Reads `a@b.example` or `Name <a@b.example>`; undefined when a text is neither. */
export function parseMailAddress(text: string): MailAddress | undefined {
  const [, name = "", only = text] = /^([^<>"\p{C}]{1,100}) <([^<>]+)>$/u.exec(text) ?? [];
  return address.test(only) ? { name, address: only } : undefined;
}

/**
 * Reads `smtp://` (port 587, STARTTLS) and `smtps://` (port 465, TLS), with `user:password@` in percent-encoding; undefined
 * when a text is neither. A server on this machine need not encrypt.
 */
export function parseSmtpUrl(text: string): SmtpServer | undefined {
  const url = URL.parse(text);
  if (url === null || !["smtp:", "smtps:"].includes(url.protocol) || url.hostname === "") return undefined;
  if (!["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "") return undefined;
  const [user, password] = [decode(url.username), decode(url.password)];
  if (user === undefined || password === undefined || (user === "") !== (password === "")) return undefined;
  const credentials = user === "" ? undefined : { user, password };
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? undefined : Number(url.port);
  if (url.protocol === "smtps:") return { host, port: port ?? 465, encryption: "tls", credentials };
  const isLoopback = /^(localhost|127(\.\d+){3}|::1)$/.test(host);
  return { host, port: port ?? 587, encryption: isLoopback ? "opportunistic" : "starttls", credentials };
}

/** The same server, which need not encrypt either when it is elsewhere. */
export function allowUnencrypted(server: SmtpServer): SmtpServer {
  return server.encryption === "starttls" ? { ...server, encryption: "opportunistic" } : server;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
