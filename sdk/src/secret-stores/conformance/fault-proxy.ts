import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** What a network or a broken server does. An answer is what the backend sends after it was sent something. */
export type NetworkFault =
  /** Each answer comes late. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** Takes what it is sent, and never answers. */
  | { readonly kind: "silent" }
  /** The first answer of each connection ends in its middle. */
  | { readonly kind: "cut" }
  /** The backend does as it was asked, and its answer gets lost: the first, the second ... of all, once. */
  | { readonly kind: "lost"; readonly answer: number }
  /** After so many good answers, the next is HTTP that quotes what was sent: with 200 as HTML, or with 400 as an error in JSON. */
  | { readonly kind: "garbage"; readonly after: number; readonly status: 200 | 400 };

/** A port of the loopback address behind which the backend is, with a fault. */
export type FaultyPort = {
  readonly port: number;
  /** Whether the fault has met an answer. */
  readonly hasStruck: () => boolean;
};

/** Stands in front of a backend, and disturbs. */
export type FaultProxy = {
  listen(fault: NetworkFault): Promise<FaultyPort>;
  close(): Promise<void>;
};

/** Makes a proxy for whatever speaks over TCP. What is encrypted passes unread. */
export function createFaultProxy(backend: { readonly host: string; readonly port: number }): FaultProxy {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    // A connection that breaks is what this is for.
    return socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  };
  return {
    async listen(fault) {
      const seen: Seen = { answers: 0, hasStruck: fault.kind !== "garbage" && fault.kind !== "lost" };
      const server = createServer((client) => {
        keep(client);
        if (fault.kind === "silent") return void client.resume();
        relay(client, keep(connect(backend.port, backend.host)), fault, seen);
      });
      servers.push(server.listen(0, "127.0.0.1"));
      await once(server, "listening");
      const at = server.address();
      const port = typeof at === "object" && at !== null ? at.port : 0;
      return { port, hasStruck: () => seen.hasStruck };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

/** What has passed a port, over all its connections. */
type Seen = { answers: number; hasStruck: boolean };

function relay(client: Socket, backend: Socket, fault: NetworkFault, seen: Seen): void {
  let isAsked = false;
  const end = () => {
    client.destroy();
    backend.destroy();
  };
  client.on("close", end);
  onBytes(client, (chunk) => {
    isAsked = true;
    if (fault.kind !== "garbage" || seen.answers < fault.after) return void backend.write(chunk);
    seen.hasStruck = true;
    quote(client, chunk, fault.status);
  });
  // What it has sent comes before the end.
  const pass = (act: () => void) => (fault.kind === "slow" ? setTimeout(act, fault.delayMs) : act());
  backend.on("close", () => pass(() => client.end()));
  onBytes(backend, (chunk) => {
    const isAnswer = isAsked;
    isAsked = false;
    if (isAnswer) seen.answers += 1;
    if (fault.kind === "lost" && isAnswer && seen.answers === fault.answer) {
      seen.hasStruck = true;
      return end();
    }
    if (fault.kind === "cut") return void client.end(chunk.subarray(0, chunk.length / 2));
    pass(() => client.write(chunk));
  });
}

function onBytes(socket: Socket, take: (chunk: Buffer) => void): void {
  socket.on("data", (chunk) => take(typeof chunk === "string" ? Buffer.from(chunk) : chunk));
}

/** What was sent comes back: as a page, or in the members that errors have their texts in. */
function quote(client: Socket, chunk: Buffer, status: 200 | 400): void {
  const sent = chunk.toString("latin1");
  const body =
    status === 200
      ? `<html>${sent}</html>`
      : JSON.stringify({ __type: "Quoted", message: sent, errors: [sent], error: { code: "Quoted", message: sent } });
  const type = status === 200 ? "text/html" : "application/json";
  const head = `HTTP/1.1 ${status} Quoted\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body, "latin1")}\r\nConnection: close\r\n\r\n`;
  client.end(Buffer.from(head + body, "latin1"));
}
