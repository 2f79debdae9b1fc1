import type { AddressInfo } from "node:net";

/** The address of a listening server. One that listens everywhere is named by this machine. */
export function listenUrl(host: string, listening: AddressInfo | string | null): string {
  const port = typeof listening === "object" && listening !== null ? listening.port : 0;
  const name = ["0.0.0.0", "::"].includes(host) ? "localhost" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
