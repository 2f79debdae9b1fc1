import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HandshakeError, type HostRequest, type ListenAddress } from "./handshake.ts";

/** A bound address. */
export interface Listening {
  readonly address: ListenAddress;
  /** Removes what listening left in the file system. Synchronous, for the very end of the process; may be called again. */
  remove(): void;
}

/** Longest path of a unix socket that every system takes, in bytes (macOS: 104 with the final zero). */
const maxSocketPathBytes = 103;

/**
 * Listens on a unix socket that only this user can open (mode 0600, in a folder of mode 0700), or on a TCP port of the loopback
 * interface.
 *
 * @throws HandshakeError when there is no place for a socket or its path would be too long, or no port is free in the host's range
 */
export async function listen(
  server: Server,
  network: "unix" | "tcp",
  request: Pick<HostRequest, "unixSocketFolder" | "ports">,
): Promise<Listening> {
  return network === "unix"
    ? listenOnSocket(server, request.unixSocketFolder ?? tmpdir())
    : listenOnPort(server, request.ports);
}

async function listenOnSocket(server: Server, parent: string): Promise<Listening> {
  const folder = makeFolder(parent);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const path = join(folder, "socket");
  try {
    if (Buffer.byteLength(path) > maxSocketPathBytes) {
      throw new HandshakeError(`The path of the socket, ${path}, is too long. Set TMPDIR to a shorter folder.`);
    }
    server.listen({ path });
    await once(server, "listening");
    chmodSync(path, 0o600);
  } catch (error) {
    remove();
    throw error;
  }
  return { address: { network: "unix", path }, remove };
}

function makeFolder(parent: string): string {
  try {
    return mkdtempSync(join(parent, "plugin-"));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : "unknown error";
    throw new HandshakeError(`No socket can be made in ${parent} (${code}). Set TMPDIR to a folder of yours.`, {
      cause,
    });
  }
}

async function listenOnPort(server: Server, { min, max }: HostRequest["ports"]): Promise<Listening> {
  const host = "127.0.0.1";
  for (let port = min; port <= Math.max(min, max); port += 1) {
    try {
      server.listen({ host, port });
      await once(server, "listening");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") continue;
      throw error;
    }
    const bound = server.address();
    if (bound === null || typeof bound === "string") throw new HandshakeError("The listening port is not known.");
    return { address: { network: "tcp", host, port: bound.port }, remove: () => {} };
  }
  throw new HandshakeError(`No port from ${min} to ${max} is free.`);
}
